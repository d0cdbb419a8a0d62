"""The shop on a real server: it can be made, kept busy, and compared."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from airflow_adbsync.engine.model import Endpoint, QualifiedName
from airflow_adbsync.local.demo.comparison import compare
from airflow_adbsync.local.demo.errors import ComponentDied
from airflow_adbsync.local.demo.shop import WriterProcess, make_shop
from airflow_adbsync.local.demo.shop.traffic import MIX
from tests.databases import Database


@pytest.fixture
def shop(source_db: Database) -> Database:
    make_shop(source_db.endpoint, scale=0.02)
    return source_db


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def test_the_same_shop_is_made_everywhere(shop: Database, target_db: Database) -> None:
    rows = make_shop(target_db.endpoint, scale=0.02)
    comparison = compare(shop.endpoint, target_db.endpoint)
    assert comparison.different == ()
    assert sum(pair.source.rows for pair in comparison.tables if pair.source) == rows > 5_000


def test_no_difference_escapes_the_comparison(shop: Database, target_db: Database) -> None:
    make_shop(target_db.endpoint, scale=0.02)
    target_db.execute("""
        DELETE FROM shop.stock_moves WHERE ctid = (SELECT max(ctid) FROM shop.stock_moves);
        UPDATE shop.documents SET body = body || ' ' WHERE id = 1;
        DROP VIEW shop.order_summary; DROP TABLE shop.order_lines;
        CREATE TABLE shop.stranger (a integer);
        SELECT setval('shop.invoice_numbers', 1);
        SELECT setval('shop.documents_id_seq', 1000000)
    """)
    assert set(compare(shop.endpoint, target_db.endpoint).different) == {
        QualifiedName("shop", "stock_moves"),
        QualifiedName("shop", "documents"),
        QualifiedName("shop", "order_lines"),
        QualifiedName("shop", "stranger"),
        QualifiedName("shop", "invoice_numbers"),
    }


def test_the_writer_does_everything_and_ends_when_told(shop: Database, tmp_path: Path) -> None:
    writer = WriterProcess(shop.endpoint, rate=500, log_file=tmp_path / "writer.log")
    try:
        kinds = {kind.__name__ for kind, _ in MIX} | {"held_open"}
        until(lambda: writer.report is not None and writer.report.kinds.keys() >= kinds)
        writer.check()
    finally:
        report = writer.stop()
    assert report is not None
    assert report.final
    # Deadlocks and lost races happen; anything more would be traffic that does not work.
    assert report.failed < report.transactions / 50, (tmp_path / "writer.log").read_text()
    assert shop.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == 1
    assert shop.endpoint.password not in (tmp_path / "writer.log").read_text()
    assert (
        shop.value("SELECT count(*) FROM shop.orders WHERE status = 'shipped' AND delivery IS NOT NULL") > 0
    )


def test_a_writer_that_can_not_write_says_why(source: Endpoint, tmp_path: Path) -> None:
    writer = WriterProcess(source, rate=10, log_file=tmp_path / "writer.log")
    try:
        until(lambda: writer.ended)
        with pytest.raises(ComponentDied, match=r"shop\.customers"):
            writer.check()
    finally:
        writer.stop()
