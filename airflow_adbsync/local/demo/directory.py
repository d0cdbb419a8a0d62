"""The demo's directory: made empty at the start, and held against a second demo."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

from airflow_adbsync.local import LocalServer
from airflow_adbsync.local.binaries import Version
from airflow_adbsync.local.demo.errors import DirectoryInUse

_MARK = ".adbsync-demo"
SERVERS: dict[str, Version] = {"source": 16, "target": 18, "airflow-database": 18}


class DemoDirectory:
    """A directory of ours, from `__init__` to `release`.

    Raises `DirectoryInUse` where it holds something that no demo put there, or where another demo runs in it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        if self.path.exists() and any(self.path.iterdir()) and not (self.path / _MARK).exists():
            raise DirectoryInUse(
                f"{self.path} holds files that are not a demo's.",
                remedy="Name an empty directory, or one that is not there yet.",
            )
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.path / _MARK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise DirectoryInUse(
                f"A demo runs in {self.path} already.", remedy="Stop it, or name another directory."
            ) from error
        clear(self.path)

    def release(self) -> None:
        """Let another demo have it; what this one left in it stays to be looked at."""
        os.close(self._lock)

    def server(self, name: str) -> LocalServer:
        """One of the demo's servers, not yet started; its data need not survive a loss of power."""
        return LocalServer(self.path / name, SERVERS[name], durable=False)


def clear(path: Path) -> None:
    """Remove what an earlier demo left: servers that run, their data wherever they lie, Airflow's files."""
    for name, version in SERVERS.items():
        if (path / name).exists():
            LocalServer(path / name, version).remove()
    for entry in path.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != _MARK:
            entry.unlink()
