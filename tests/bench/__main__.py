"""Run every module `bench_*.py` here on servers of its own (or named ones), and print what it measured.

A module has a function ``measure(source, target)`` that yields pairs of a sentence and a number of seconds.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from airflow_adbsync.local import LocalServer
from airflow_adbsync.local.binaries import Version
from tests.databases import SOURCE_VARIABLE, TARGET_VARIABLE, NamedServer, Server, fresh_database


def main(wanted: list[str]) -> int:
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    chosen = [name for name in names if not wanted or name.removeprefix("bench_") in wanted]
    if not chosen:
        print(
            f"None of these is {wanted}: {[name.removeprefix('bench_') for name in names]}", file=sys.stderr
        )
        return 2
    with ExitStack() as stack:
        source = stack.enter_context(_server(SOURCE_VARIABLE, 16))
        target = stack.enter_context(_server(TARGET_VARIABLE, 18))
        for name in chosen:
            _run(name, source, target)
    return 0


def _run(name: str, source: Server, target: Server) -> None:
    module = importlib.import_module(f"tests.bench.{name}")
    print(f"\n{(module.__doc__ or name).strip().splitlines()[0]}", flush=True)
    with fresh_database(source, "bench") as from_here, fresh_database(target, "bench") as to_there:
        for sentence, seconds in module.measure(from_here, to_there):
            print(f"  {seconds:9.3f} s  {sentence}", flush=True)


@contextmanager
def _server(variable: str, version: Version) -> Iterator[Server]:
    """Durable, as a server in earnest is; what is measured without fsync is not what a user gets."""
    uri = os.environ.get(variable)
    if uri:
        yield NamedServer.from_uri(uri)
        return
    with tempfile.TemporaryDirectory() as directory:
        server = LocalServer(Path(directory), version)
        try:
            server.start()
            yield server
        finally:
            server.remove()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
