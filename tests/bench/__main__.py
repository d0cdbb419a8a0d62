"""Run every module `bench_*.py` here on servers of its own (or named ones), and print what it measured.

A module has a function ``measure(source, target)`` that yields pairs of a sentence and a number of seconds.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from airflow_adbsync.local import LocalServer
from tests.databases import NamedServer, Server, fresh_database
from tests.versions import Role, named, programs


def main(wanted: list[str]) -> int:
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    chosen = [name for name in names if not wanted or name.removeprefix("bench_") in wanted]
    if not chosen:
        print(
            f"None of these is {wanted}: {[name.removeprefix('bench_') for name in names]}", file=sys.stderr
        )
        return 2
    with ExitStack() as stack:
        source = stack.enter_context(_server("source"))
        target = stack.enter_context(_server("target"))
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
def _server(role: Role) -> Iterator[Server]:
    """Durable, as a server in earnest is; what is measured without fsync is not what a user gets."""
    wanted = named(role)
    if isinstance(wanted, str):
        yield NamedServer.from_uri(wanted)
        return
    with tempfile.TemporaryDirectory() as directory:
        server = LocalServer(Path(directory), wanted, programs=programs(wanted))
        try:
            server.start()
            yield server
        finally:
            server.remove()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
