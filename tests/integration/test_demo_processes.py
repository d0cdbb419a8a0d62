"""The demo's child processes: none is left."""

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from airflow_adbsync.local.demo.directory import DemoDirectory
from airflow_adbsync.local.demo.errors import ComponentDied, DirectoryInUse
from airflow_adbsync.local.demo.stack.processes import Component, Guard, stop

# It does not heed SIGTERM; one child has a process group of its own, another a session of its own.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
grouped, detached = subprocess.Popen(sleep, process_group=0), subprocess.Popen(sleep, start_new_session=True)
print(grouped.pid, detached.pid, flush=True)
time.sleep(600)
"""


def component(tmp_path: Path, code: str) -> Component:
    return Component("part", [sys.executable, "-c", code], tmp_path / "part.log", os.environ)


def printed_pids(started: Component) -> list[int]:
    deadline = time.monotonic() + 30
    while not (text := started.log_file.read_text()).endswith("\n"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [int(word) for word in text.split()]


def test_stop_leaves_none_whatever_group_or_session_it_is_in(tmp_path: Path) -> None:
    started = component(tmp_path, STUBBORN)
    pids = [started.process.pid, *printed_pids(started)]
    assert all(psutil.pid_exists(pid) for pid in pids)
    stop([started], grace=0.2)
    assert not [pid for pid in pids if alive(pid)]


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_component_that_ended_is_named_with_its_last_words(tmp_path: Path) -> None:
    started = component(tmp_path, "import sys; sys.exit('no room left')")
    started.process.wait()
    with pytest.raises(ComponentDied, match=r"part ended with status 1\.(.|\n)*no room left"):
        started.check()


def test_the_guard_stops_components_when_our_end_of_its_pipe_closes(tmp_path: Path) -> None:
    started = component(tmp_path, "import time; time.sleep(600)")
    guard = Guard([started])
    guard.let_go()
    assert started.process.wait(20) != 0
    guard.dismiss()


def test_a_dismissed_guard_does_nothing(tmp_path: Path) -> None:
    started = component(tmp_path, "import time; time.sleep(600)")
    Guard([started]).dismiss()
    time.sleep(0.3)
    started.check()
    stop([started])


def test_a_directory_is_emptied_and_held(tmp_path: Path) -> None:
    held = DemoDirectory(tmp_path / "demo")
    (held.path / "airflow").mkdir()
    (held.path / "writer.log").write_text("old")
    with pytest.raises(DirectoryInUse, match="runs in"):
        DemoDirectory(tmp_path / "demo")
    held.release()
    again = DemoDirectory(tmp_path / "demo")
    assert [entry.name for entry in again.path.iterdir()] == [".adbsync-demo"]
    again.release()


def test_a_directory_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(DirectoryInUse, match="not a demo's"):
        DemoDirectory(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "precious"
