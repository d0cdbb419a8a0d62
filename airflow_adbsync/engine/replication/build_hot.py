"""Building the compiled hot path beside its source, where Cython and a C compiler are there.

python -m airflow_adbsync.engine.replication.build_hot
"""

from __future__ import annotations

import importlib.util
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("_hot.pyx")


def built() -> Path:
    """Where the compiled module of this interpreter lies."""
    return SOURCE.with_name(f"_hot{sysconfig.get_config_var('EXT_SUFFIX')}")


def build() -> Path:
    """Compile; return the module.

    Raises:
        RuntimeError: Cython or a compiler is missing, or one of them failed.
    """
    if importlib.util.find_spec("Cython") is None:
        raise RuntimeError("Cython is not installed.")
    with tempfile.TemporaryDirectory() as directory:
        code = Path(directory) / "_hot.c"
        _run([sys.executable, "-m", "cython", "-3", "-o", str(code), str(SOURCE)])
        module = Path(directory) / "_hot.so"
        _run([*_compiler(), f"-I{sysconfig.get_path('include')}", str(code), "-o", str(module)])
        # Whoever has the old one open keeps it.
        fresh = built().with_suffix(".new")
        fresh.write_bytes(module.read_bytes())
        fresh.rename(built())
    return built()


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
    sys.stdout.write(f"{build()}\n")
