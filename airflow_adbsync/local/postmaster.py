"""The process of a server: starting it, waiting until it is ready, ending it."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

import psutil

from airflow_adbsync.local.cluster import Cluster
from airflow_adbsync.local.errors import LocalServerFailed

StopMode = Literal["fast", "immediate"]

_SIGNALS: dict[str, signal.Signals] = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_READY_WITHIN = 120.0
_ENDS_WITHIN: dict[str, float] = {"fast": 60.0, "immediate": 30.0}
_ORPHANS_END_WITHIN = 5.0
_LOOK_EVERY = 0.05


def running(data: Path) -> psutil.Process | None:
    """The postmaster of this data directory, if it lives.

    A process id that now belongs to another program is not it.
    """
    lines = _lock_file_lines(data)
    if not lines:
        return None
    try:
        process = psutil.Process(int(lines[0]))
        return process if _works_in(process, data) else None
    except psutil.NoSuchProcess:
        return None


def start(cluster: Cluster) -> subprocess.Popen[bytes]:
    """Start the server and return when it accepts connections.

    In a session of its own, so that Ctrl-C in the terminal does not reach it. Raises `LocalServerFailed`
    with the end of the server's log.
    """
    _clear_stale_lock_file(cluster.data)
    with cluster.log_file.open("ab") as log:
        position = log.tell()
        process = subprocess.Popen(
            [cluster.binaries.path("postgres"), "-D", cluster.data],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **cluster.account.process_options(),
        )
    try:
        _wait_until_ready(process, cluster, position)
    except BaseException:
        process.send_signal(signal.SIGQUIT)
        process.wait()
        raise
    return process


def stop(process: psutil.Process, mode: StopMode) -> None:
    """End the server: ``fast`` breaks sessions off and writes a checkpoint, ``immediate`` is a crash.

    A fast stop that takes over a minute becomes an immediate one. Nothing works in the data directory
    any more when this returns.
    """
    try:
        data = Path(process.cwd())
    except psutil.NoSuchProcess:
        return
    for attempt in ("fast", "immediate") if mode == "fast" else ("immediate",):
        try:
            process.send_signal(_SIGNALS[attempt])
            process.wait(_ENDS_WITHIN[attempt])
        except psutil.NoSuchProcess:
            pass
        except psutil.TimeoutExpired:
            continue
        _end_orphans(data)
        return
    raise LocalServerFailed(
        f"The server with process id {process.pid} does not stop.", remedy="End it by hand, with SIGKILL."
    )


def _end_orphans(data: Path) -> None:
    """A backend that was forked while the postmaster ended can miss its signal and outlive it."""
    deadline = time.monotonic() + _ORPHANS_END_WITHIN
    while orphans := _workers(data):
        if time.monotonic() > deadline:
            for pid in orphans:
                with suppress(psutil.NoSuchProcess):
                    psutil.Process(pid).kill()
        time.sleep(_LOOK_EVERY)


def _wait_until_ready(process: subprocess.Popen[bytes], cluster: Cluster, log_position: int) -> None:
    """The lock file's eighth line says `ready` once the postmaster takes connections (PostgreSQL 73.1)."""
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        lines = _lock_file_lines(cluster.data)
        if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
            return
        if process.poll() is not None:
            raise _start_failure(cluster, "ended", log_position)
        time.sleep(_LOOK_EVERY)
    raise _start_failure(cluster, f"was not ready after {_READY_WITHIN:.0f} s", log_position)


def _start_failure(cluster: Cluster, how: str, log_position: int) -> LocalServerFailed:
    with cluster.log_file.open("rb") as log:
        log.seek(log_position)
        said = log.read()[-2000:].decode(errors="replace").strip()
    return LocalServerFailed(
        f"The server in {cluster.data} {how} while it was being started; its log says:\n{said}",
        remedy=f"Mend what the log names ({cluster.log_file}).",
    )


def _clear_stale_lock_file(data: Path) -> None:
    """Remove a lock file whose process id now belongs to a stranger: PostgreSQL would refuse to start.

    Never while any process still works in the data directory: the lock file is what protects it from
    two servers (PostgreSQL 18.3.1). Orphaned backends end by themselves soon after their postmaster.
    """
    deadline = time.monotonic() + 10
    while _workers(data):
        if time.monotonic() > deadline:
            raise LocalServerFailed(
                f"Processes of an earlier server still work in {data}: {_workers(data)}.",
                remedy="Stop that server first (python -m airflow_adbsync.local stop --directory ...).",
            )
        time.sleep(_LOOK_EVERY)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _workers(data: Path) -> list[int]:
    return [process.pid for process in psutil.process_iter() if _works_in(process, data)]


def _works_in(process: psutil.Process, data: Path) -> bool:
    """Every process of a server has the data directory as its working directory."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == data
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _lock_file_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
