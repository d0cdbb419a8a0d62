"""`python -m airflow_adbsync.local start|stop`: an embedded server by hand."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.local.server import LocalServer


def main() -> int:
    """Start or stop one server; return the exit status."""
    options = _parser().parse_args()
    try:
        server = LocalServer(options.directory, options.version, options.port)
        if options.action == "stop":
            server.stop()
            return 0
        server.start(outlive=True)
    except AdbsyncError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"PostgreSQL {server.version} accepts connections: {server.endpoint()}")
    print(f"Its password is in {options.directory / 'password'}, its log in {server.log_file}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m airflow_adbsync.local", description=__doc__)
    parser.add_argument("action", choices=["start", "stop"])
    parser.add_argument("--directory", type=Path, required=True, help="where data, password and log lie")
    parser.add_argument("--version", type=int, choices=[16, 18], default=16)
    parser.add_argument("--port", type=int, help="chosen when left out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
