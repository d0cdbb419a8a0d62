"""A crashed embedded server keeps every commit that it confirmed: what all crash tests rest on."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import psycopg

from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.local import LocalServer
from tests.databases import Database

CRASHES = 40


def _write(endpoint: Endpoint, confirmed: list[int], stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        try:
            with connect(endpoint, autocommit=True) as connection:
                while not stop.is_set():
                    number += 1
                    connection.execute("INSERT INTO written VALUES (%s)", [number])
                    confirmed.append(number)
        except (psycopg.Error, AdbsyncError):
            time.sleep(0.02)


def test_no_confirmed_commit_is_lost(private_server: Callable[..., LocalServer]) -> None:
    server = private_server(16)
    database = Database(server.create_database("crashed"))
    database.execute("CREATE TABLE written (number int PRIMARY KEY)")
    confirmed: list[int] = []
    stop = threading.Event()
    writer = threading.Thread(target=_write, args=(database.endpoint, confirmed, stop))
    writer.start()
    try:
        for _ in range(CRASHES):
            time.sleep(random.uniform(0.1, 1))
            server.restart("immediate")
    finally:
        stop.set()
        writer.join()
    assert len(confirmed) > CRASHES
    assert set(confirmed) <= {number for (number,) in database.fetch("SELECT number FROM written")}
