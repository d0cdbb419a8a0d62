"""Embedded servers under another account: called by root, called by nobody in particular."""

from __future__ import annotations

import concurrent.futures
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from airflow_adbsync.local import LocalServerFailed
from airflow_adbsync.local.account import Account, server_account
from airflow_adbsync.local.binaries import Binaries, installed
from airflow_adbsync.local.shared_copy import reachable_by

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take the part of another account")


@pytest.fixture
def account() -> Account:
    return server_account()


@pytest.fixture
def open_directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary directory that every account may enter; pytest's own are closed."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", name)
        yield Path(name)


@pytest.fixture
def closed(tmp_path: Path) -> Binaries:
    """The programs behind a directory that only root may enter."""
    place = tmp_path / "closed"
    place.mkdir(mode=0o700)
    (place / "site").symlink_to(installed(16).site)
    return replace(installed(16), site=place / "site")


def test_root_borrows_an_account_that_exists(account: Account) -> None:
    assert account.switched
    assert account.uid != 0


def test_programs_out_of_reach_are_copied_once(
    account: Account, closed: Binaries, open_directory: Path
) -> None:
    first = reachable_by(account, closed)
    assert open_directory in first.site.parents
    assert account.can_run([first.path("initdb"), "--version"])
    made = first.site.stat().st_ino
    assert reachable_by(account, closed).site.stat().st_ino == made
    assert list(open_directory.iterdir()) == [first.site]


def test_a_copy_that_lost_a_file_is_made_again(
    account: Account, closed: Binaries, open_directory: Path
) -> None:
    copy = reachable_by(account, closed)
    lost = next(copy.prefix.rglob("postgres.bki"))
    lost.unlink()
    reachable_by(account, closed)
    assert lost.is_file()


def test_copies_made_at_once_get_on(account: Account, closed: Binaries, open_directory: Path) -> None:
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        copies = {copy.site for copy in pool.map(lambda _: reachable_by(account, closed), range(4))}
    assert list(open_directory.iterdir()) == list(copies)


def test_a_strangers_directory_is_not_used(account: Account, closed: Binaries, open_directory: Path) -> None:
    copy = reachable_by(account, closed)
    os.chown(copy.site, account.uid, account.gid)
    with pytest.raises(LocalServerFailed, match="this account alone"):
        reachable_by(account, closed)


def test_an_ordinary_account_runs_a_server_itself(account: Account, open_directory: Path) -> None:
    python = _python_for(account)
    home = open_directory / "home"
    home.mkdir()
    os.chown(home, account.uid, account.gid)
    done = subprocess.run(
        [python, "-c", _ONE_SERVER, home],
        env=_environment(),
        cwd="/",
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(home / "data"), "1"]
    assert (home / "data").stat().st_uid == account.uid


_ONE_SERVER = """
import sys
from pathlib import Path
from airflow_adbsync.engine.connect import connect
from airflow_adbsync.local import LocalServer
with LocalServer(Path(sys.argv[1]), 16, durable=False) as server:
    with connect(server.endpoint()) as connection:
        print(server.data_directory, connection.execute("SELECT 1").fetchone()[0])
"""


def _environment() -> dict[str, str]:
    return {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(installed(16).site)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _python_for(account: Account) -> str:
    """A Python of this version that the account can run with our packages; it may lie below /root."""
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    setting = [f"{name}={value}" for name, value in _environment().items()]
    for python in (sys.executable, system):
        if account.can_run(["/usr/bin/env", *setting, python, "-c", "import psycopg, airflow_adbsync"]):
            return python
    pytest.skip(f"{account.name} can run neither {sys.executable} nor {system} with our packages")
