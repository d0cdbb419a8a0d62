"""The demo, broken off while Airflow is starting: nothing is left, whichever way it went."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_adbsync.local import ServerUnavailable
from airflow_adbsync.local.account import server_account
from airflow_adbsync.local.demo.directory import clear
from tests.airflow.leftovers import orphans_become_ours

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds what is left by Linux's means")


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    try:
        server_account()
    except ServerUnavailable as error:
        pytest.skip(str(error))
    yield tmp_path / "demo"
    clear(tmp_path / "demo")


@pytest.mark.parametrize(("how", "status"), [(signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_nothing_is_left(directory: Path, how: signal.Signals, status: int) -> None:
    command = [
        sys.executable,
        "-m",
        "airflow_adbsync.local.demo",
        "--scale",
        "0.01",
        "--directory",
        directory,
    ]
    with orphans_become_ours() as left, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if line.startswith("airflow running"):
                break
        time.sleep(3)
        running = " ".join(left())
        demo.send_signal(how)
        demo.stdout.read()
        assert demo.wait(60) == status
        deadline = time.monotonic() + 30
        while how is signal.SIGKILL and left() and time.monotonic() < deadline:
            time.sleep(0.2)
        assert left() == []
    assert "airflow scheduler" in running
    assert "postgres" in running
