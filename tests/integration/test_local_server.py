"""Embedded servers: their life, their directory, their account, and that none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import psycopg
import pytest

from airflow_adbsync.engine.connect import connect_replication
from airflow_adbsync.local import LocalServer, LocalServerFailed
from tests.databases import Database, Server, fresh_database


def _ask(server: LocalServer, query: str) -> str:
    return str(Database(server.endpoint()).value(query))


@pytest.mark.parametrize("version", [16, 18])
def test_a_server_of_the_version_asked_for_speaks_logical_replication(
    private_server: Callable[..., LocalServer], version: int
) -> None:
    server = private_server(version)
    assert _ask(server, "SHOW server_version_num").startswith(str(version))
    assert _ask(server, "SHOW wal_level") == "logical"
    assert int(_ask(server, "SHOW max_replication_slots")) >= 50


def test_a_wrong_password_is_refused_and_the_right_one_is_in_no_argv(
    private_server: Callable[..., LocalServer],
) -> None:
    server = private_server(16, password="d'oh \\ ünlikely")
    assert _ask(server, "SELECT 1") == "1"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=server.host, port=server.port, user=server.user, password="x", dbname="postgres")
    arguments = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    assert not [line for line in arguments if server.password in line]


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_committed_rows_survive_a_restart_on_the_same_port(
    private_server: Callable[..., LocalServer], mode: str
) -> None:
    server = private_server(18)
    database = Database(server.create_database("Kept"))
    database.execute("CREATE TABLE t AS SELECT 42 AS answer")
    port = server.port
    server.restart(mode)
    assert server.port == port
    assert database.value("SELECT answer FROM t") == 42


def test_a_directory_that_holds_a_cluster_is_used_again(tmp_path: Path) -> None:
    with LocalServer(tmp_path / "again", 16, durable=False) as first:
        Database(first.endpoint()).execute("CREATE TABLE t AS SELECT 1 AS one")
        password = first.password
    with LocalServer(tmp_path / "again", 16, durable=False, settings={"work_mem": "7MB"}) as second:
        try:
            assert second.password == password
            assert _ask(second, "SELECT one FROM t") == "1"
            assert _ask(second, "SHOW work_mem") == "7MB"
        finally:
            second.remove()
    assert not second.data_directory.exists()


def test_a_cluster_of_another_version_is_refused(tmp_path: Path) -> None:
    with LocalServer(tmp_path, 16, durable=False) as server:
        pass
    with pytest.raises(LocalServerFailed, match="holds a cluster of PostgreSQL 16, not 18"):
        LocalServer(tmp_path, 18).start()
    server.remove()


def test_a_second_server_in_the_same_directory_is_refused(
    private_server: Callable[..., LocalServer], tmp_path: Path
) -> None:
    server = private_server(16)
    with pytest.raises(LocalServerFailed, match=r"runs in .* already"):
        LocalServer(server.log_file.parent, 16).start()
    assert _ask(server, "SELECT 1") == "1"


def test_a_server_that_was_killed_starts_again(private_server: Callable[..., LocalServer]) -> None:
    server = private_server(16)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    _until(lambda: server.pid is None)
    server.start()
    assert _ask(server, "SELECT 1") == "1"


def test_a_lock_file_whose_process_id_is_now_a_strangers_does_not_hinder(
    private_server: Callable[..., LocalServer],
) -> None:
    server = private_server(16)
    lock_file = server.data_directory / "postmaster.pid"
    _, *rest = lock_file.read_text().splitlines()
    server.stop("immediate")
    lock_file.write_text("\n".join([str(os.getpid()), *rest]) + "\n")
    server.start()
    assert _ask(server, "SELECT 1") == "1"


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    server = LocalServer(tmp_path, 16, durable=False, settings={"wal_level": "illogical"})
    with pytest.raises(LocalServerFailed, match=r'(?s)invalid value for parameter "wal_level".*server\.log'):
        server.start()
    assert server.pid is None
    server.remove()


def test_a_server_does_not_outlive_a_process_that_was_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from airflow_adbsync.local import LocalServer\n"
        "server = LocalServer(Path(sys.argv[1]), 16, durable=False)\n"
        "server.start(); print(server.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        postmaster = psutil.Process(int(process.stdout.readline()))
        os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C in a terminal does
        process.wait()
        _until(lambda: not postmaster.is_running())
    LocalServer(tmp_path, 16).remove()


def test_ctrl_c_does_not_reach_the_server(private_server: Callable[..., LocalServer]) -> None:
    server = private_server(16)
    assert server.pid is not None
    assert os.getsid(server.pid) != os.getsid(0)


def test_a_directory_that_the_servers_account_cannot_enter_is_no_hindrance(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = LocalServer(closed / "server", 18, durable=False)
    with server:
        assert _ask(server, "SELECT 1") == "1"
        assert closed.stat().st_mode & 0o777 == 0o700
    server.remove()
    assert not server.data_directory.exists()


def test_by_hand_on_the_command_line(tmp_path: Path) -> None:
    def run(action: str) -> str:
        command = [sys.executable, "-m", "airflow_adbsync.local", action, "--directory", tmp_path]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    try:
        assert "accepts connections: postgres@127.0.0.1" in run("start")
        server = LocalServer(tmp_path, 16)
        assert server.pid is not None
        run("stop")
        assert server.pid is None
    finally:
        LocalServer(tmp_path, 16).remove()


def test_the_databases_of_the_tests_are_fresh_and_apart(source_db: Database, target_db: Database) -> None:
    assert not source_db.endpoint.same_database_as(target_db.endpoint)
    assert source_db.fetch("SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []


def test_programs_come_with_the_server(private_server: Callable[..., LocalServer]) -> None:
    server = private_server(18)
    for name in ("psql", "pgbench", "pg_dump"):
        done = subprocess.run([server.binary(name), "--version"], capture_output=True, text=True, check=True)
        assert "18." in done.stdout


def test_a_slot_in_use_does_not_keep_a_database_from_being_dropped(source_server: Server) -> None:
    slots = "SELECT active FROM pg_replication_slots WHERE slot_name = 'held'"
    with ExitStack() as walsender:
        with fresh_database(source_server, "held") as database:
            database.execute("CREATE PUBLICATION held")
            database.execute("SELECT pg_create_logical_replication_slot('held', 'pgoutput')")
            replication = walsender.enter_context(closing(connect_replication(database.endpoint)))
            replication.pgconn.exec_(
                b"START_REPLICATION SLOT held LOGICAL 0/0 (proto_version '1', publication_names 'held')"
            )
            assert database.value(slots) is True
        assert Database(source_server.endpoint()).fetch(slots) == []


def _until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
