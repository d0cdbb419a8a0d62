"""Building the compiled hot paths beside their sources, where Cython and a C compiler are there.

python -m airflow_adbsync.engine.build_hot
"""

from __future__ import annotations

import importlib.util
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

SOURCES = tuple(Path(__file__).parent / name for name in ("replication/_hot.pyx", "load/_gather.pyx"))


def built(source: Path) -> Path:
    """Where the compiled module of this interpreter lies."""
    return source.with_name(f"{source.stem}{sysconfig.get_config_var('EXT_SUFFIX')}")


def build() -> tuple[Path, ...]:
    """Compile; return the modules.

    Raises:
        RuntimeError: Cython or a compiler is missing, or one of them failed.
    """
    if importlib.util.find_spec("Cython") is None:
        raise RuntimeError("Cython is not installed.")
    return tuple(_build(source) for source in SOURCES)


def _build(source: Path) -> Path:
    with tempfile.TemporaryDirectory() as directory:
        code = Path(directory) / f"{source.stem}.c"
        _run([sys.executable, "-m", "cython", "-3", "-o", str(code), str(source)])
        module = Path(directory) / f"{source.stem}.so"
        _run([*_compiler(), f"-I{sysconfig.get_path('include')}", str(code), "-o", str(module)])
        # Whoever has the old one open keeps it.
        fresh = built(source).with_suffix(".new")
        fresh.write_bytes(module.read_bytes())
        fresh.rename(built(source))
    return built(source)


def _compiler() -> list[str]:
    compiler = sysconfig.get_config_var("CC") or "cc"
    shared = "-bundle -undefined dynamic_lookup" if sys.platform == "darwin" else "-shared"
    return [*shlex.split(compiler), "-O3", "-fPIC", "-fno-strict-aliasing", "-w", *shlex.split(shared)]


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - made up here
    except OSError as error:
        raise RuntimeError(f"{command[0]}: {error}") from error
    if done.returncode:
        raise RuntimeError(f"{shlex.join(command)} failed: {done.stderr.strip()[-2000:]}")


if __name__ == "__main__":
    sys.stdout.write("".join(f"{module}\n" for module in build()))
