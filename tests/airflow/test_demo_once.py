"""The demo from its first to its last second: everything matches, nothing is left, no secret is told."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from airflow_adbsync.local import ServerUnavailable
from airflow_adbsync.local.account import server_account
from airflow_adbsync.local.demo.directory import SERVERS, clear
from airflow_adbsync.local.ports import free_port
from tests.airflow.leftovers import orphans_become_ours

AT_MOST = 600  # seconds; it takes about 100 on two cores that are free
pytestmark = [
    pytest.mark.timeout(AT_MOST + 60),
    pytest.mark.skipif(sys.platform != "linux", reason="finds what is left by Linux's means"),
]


@dataclass(frozen=True)
class Finished:
    """A demo that has ended: what it printed, the arguments of every process meanwhile, and who is left."""

    directory: Path
    status: int
    output: str
    arguments: set[str]
    left: list[str]

    def secrets(self) -> dict[str, str]:
        """Every secret of this demo, by what it is."""
        config = ConfigParser()
        config.read(self.directory / "airflow" / "airflow.cfg")
        found = {f"password of {name}": (self.directory / name / "password").read_text() for name in SERVERS}
        found["password of the UI"] = json.loads((self.directory / "airflow" / "passwords.json").read_text())[
            "admin"
        ]
        found["fernet key"] = config["core"]["fernet_key"]
        found["jwt secret"] = config["api_auth"]["jwt_secret"]
        found["api secret"] = config["api"]["secret_key"]
        return found

    def logs(self) -> Iterator[Path]:
        """Every file but the three that are meant to hold secrets, and the servers' data."""
        meant = {"password", "airflow.cfg", "passwords.json"}
        for folder, names, files in os.walk(self.directory):
            names[:] = [name for name in names if name != "data"]
            yield from (Path(folder, name) for name in files if name not in meant)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    try:
        server_account()
    except ServerUnavailable as error:
        pytest.skip(str(error))
    directory = tmp_path_factory.mktemp("demo") / "once"
    with orphans_become_ours() as left:
        status, output, arguments = run_demo(directory)
        found = Finished(directory, status, output, arguments, left())
    yield found
    clear(directory)


def run_demo(directory: Path) -> tuple[int, str, set[str]]:
    port = str(free_port())  # not the default one, for which two demos that start at once would race
    options = ["--once", "--directory", directory, "--port", port]
    command = [sys.executable, "-m", "airflow_adbsync.local.demo", *options]
    arguments: set[str] = set()
    with (directory.parent / "output").open("w+") as output:
        demo = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + AT_MOST
            while demo.poll() is None and time.monotonic() < deadline:
                arguments |= {
                    " ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])
                }
                time.sleep(0.5)
        finally:
            if demo.poll() is None:
                demo.terminate()
            demo.wait(60)
        output.seek(0)
        return demo.returncode, output.read(), arguments


def test_everything_matched(finished: Finished) -> None:
    assert finished.status == 0, finished.output
    assert "Everything matched" in finished.output
    assert "DIFFERENT" not in finished.output


def test_the_writer_was_busy_all_the_time(finished: Finished) -> None:
    found = re.search(r"Writer: ([\d,]+) transactions in (\d+) s, (\d+) a second", finished.output)
    assert found, finished.output
    assert int(found[3]) >= 200


def test_no_process_is_left(finished: Finished) -> None:
    assert finished.left == []


def test_no_secret_is_in_a_log(finished: Finished) -> None:
    logs = list(finished.logs())
    assert {"scheduler.log", "triggerer.log", "writer.log", "server.log"} <= {log.name for log in logs}
    assert any(log.parent.name.startswith("task_id=incremental") for log in logs)
    told = [
        f"{what} in {log.relative_to(finished.directory)}"
        for log in logs
        for what, secret in finished.secrets().items()
        if secret.encode() in log.read_bytes()
    ]
    assert told == []


def test_no_secret_is_printed_or_in_an_argument(finished: Finished) -> None:
    assert any("airflow_adbsync.local.demo.shop.writer" in arguments for arguments in finished.arguments)
    seen = [finished.output, *finished.arguments]
    assert [what for what, secret in finished.secrets().items() if any(secret in text for text in seen)] == []
