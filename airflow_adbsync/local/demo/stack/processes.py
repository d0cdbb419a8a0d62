"""Child processes, each in a session of its own, and making sure that none is left."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil

from airflow_adbsync.local.demo.errors import ComponentDied

_PR_SET_CHILD_SUBREAPER = 36
# It reads until our end of the pipe closes, which the system does for us in every kind of death.
_WAIT_THEN_STOP = """
read -r _
kill -TERM "$@"
for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    alive=
    for each; do kill -0 "$each" && alive=yes; done
    [ "$alive" ] || break
    sleep 1
done
for each; do kill -KILL -- "-$each"; done
"""


class Component:
    """One long-running child process, with its output in a file."""

    def __init__(
        self, name: str, command: Sequence[str], log_file: Path, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.log_file = log_file
        with log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise `ComponentDied` where the process is no more."""
        status = self.process.poll()
        if status is not None:
            raise ComponentDied(
                f"Airflow's {self.name} ended with status {status}. It said last:\n{tail(self.log_file)}",
                remedy=f"The rest is in {self.log_file}.",
            )


class Guard:
    """A small process that stops the components when ours is gone without having done so: after SIGKILL."""

    def __init__(self, components: Iterable[Component]) -> None:
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _WAIT_THEN_STOP, "guard", *(str(each.process.pid) for each in components)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """End the guard without touching the components."""
        self._process.kill()
        self._process.wait()
        self.let_go()

    def let_go(self) -> None:
        """Close our end of its pipe, as our death would: it stops the components."""
        if self._process.stdin is not None:
            self._process.stdin.close()


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies: none gets out of sight (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def stop(components: Sequence[Component], grace: float = 6.0) -> None:
    """Stop the components and whatever they started: with SIGTERM, after ``grace`` seconds with SIGKILL.

    What a component started is found by parentage and by session, so that a task in a process group of
    its own, or one whose parent died, is found too.
    """
    family = _family(components)
    for component in components:
        if component.process.poll() is None:
            component.process.terminate()
    deadline = time.monotonic() + grace
    for component in components:
        try:
            component.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            component.process.kill()
            component.process.wait()
    left = {*family, *_family(components)}
    for process in left:
        _kill(process)
    psutil.wait_procs(left, timeout=5)


def _family(components: Sequence[Component]) -> set[psutil.Process]:
    """Every process below a component or in its session, without the components themselves."""
    sessions = {component.process.pid for component in components}
    found = {process for process in psutil.process_iter() if _session(process.pid) in sessions}
    for pid in sessions:
        try:
            found.update(psutil.Process(pid).children(recursive=True))
        except psutil.NoSuchProcess:
            continue
    return {process for process in found if process.pid not in sessions}


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return -1


def _kill(process: psutil.Process) -> None:
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return


def tail(file: Path, lines: int = 25) -> str:
    """The last lines of a text file."""
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
