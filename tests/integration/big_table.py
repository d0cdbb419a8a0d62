"""A table whose load lasts long enough to be disturbed."""

from __future__ import annotations

from airflow_adbsync.engine import state
from airflow_adbsync.engine.load import Bin
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.started_sync import started_sync

BIG = QualifiedName("public", "big")
ONLY_BIG = Bin(0, (BIG,), 0)
# A row takes 1 MB on the wire and little on disk, more in all than the sockets between the servers hold.
MEGABYTES = 40


def big_table(source: Database, target: Database) -> Sync:
    """A sync of the table; the target holds an old row in it, which only a load removes."""
    for database in (source, target):
        database.execute("CREATE TABLE big (id int, filling text)")
    source.execute(f"INSERT INTO big SELECT n, repeat('x', 1000000) FROM generate_series(1, {MEGABYTES}) n")
    target.execute("INSERT INTO big VALUES (-1, 'was there before')")
    return started_sync(source.endpoint, target.endpoint)


def is_loaded(target: Database, sync: Sync, name: QualifiedName = BIG) -> bool:
    with target.connect() as conn:
        known = state.relations.find(conn, sync.sync_id, name)
    return known is not None and known.snapshot is not None
