"""A sync on its way: brought up to incremental, caught up, and compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.config import Objects, SyncConfig
from airflow_adbsync.engine.events import ApplierStopped
from airflow_adbsync.engine.load import load_bin, plan
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replica_identity import prepare
from airflow_adbsync.engine.replication import AtLsn, apply
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.state import progress
from airflow_adbsync.engine.state.progress import Progress
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.segments import as_made_there


def sync_of(source: Database, target: Database, **incremental: object) -> Sync:
    """A sync of schema ``public``."""
    config = SyncConfig(
        sync_id="replicated",
        source="a",
        target="b",
        objects=Objects(schemas=("public",)),
        load={"max_tasks": 4, "retry_for": "60s"},
        incremental={"retry_for": "60s", **incremental},
    )
    return Sync(config, source.endpoint, target.endpoint)


def running_sync(
    source: Database, target: Database, tables: str, rows: str = "", **incremental: object
) -> Sync:
    """Make the same tables on both sides, fill them on the source, and bring a sync up to incremental."""
    source.execute(tables)
    target.execute(as_made_there(target, tables))
    if rows:
        source.execute(rows)
    sync = sync_of(source, target, **{"retry_for": "20s", **incremental})
    begin(sync)
    load(sync)
    return sync


def begin(sync: Sync) -> None:
    """Replica identities, slot and publication."""
    prepare(sync)
    start(sync)


def load(sync: Sync, *, reload: bool = False) -> None:
    """Every table."""
    for bin_ in plan(sync).bins:
        load_bin(sync, bin_, reload=reload)


def catch_up(sync: Sync, source: Database) -> ApplierStopped:
    """Apply, here and now, all that the source holds."""
    return apply(sync, AtLsn(position(source)))


def follow(sync: Sync) -> None:
    """`catch_up`, by the sync's own way into its source."""
    catch_up(sync, Database(sync.source))


def position(source: Database) -> Lsn:
    """Where the source's log ends."""
    return Lsn.parse(source.value("SELECT pg_current_wal_insert_lsn()::text"))


def progress_of(sync: Sync, target: Database) -> Progress:
    """How far the target has got."""
    with target.connect() as conn:
        found = progress.find(conn, sync.sync_id)
    assert found is not None
    return found


def assert_equal(source: Database, target: Database, tables: Iterable[str]) -> None:
    """Every row of every table, by its text; there must be some."""
    names = list(tables)
    assert_same(source, target, *names)
    for table in names:
        assert source.value(f"SELECT EXISTS (SELECT FROM {table})"), f"{table} is empty, which proves nothing"


def assert_same(source: Database, target: Database, *tables: str) -> None:
    """Every row of every table, by its text; there may be none."""
    for table in tables:
        # Counted here: Greenplum's planner stumbles over groups of whole rows.
        query = f"SELECT t::text FROM {table} AS t"
        there, here = Counter(_texts(source, query)), Counter(_texts(target, query))
        wrong = {row[:200] for row in there.keys() | here.keys() if there.get(row) != here.get(row)}
        assert not wrong, f"{table}: {len(wrong)} rows differ, e.g. {sorted(wrong)[:4]}"


def _texts(database: Database, query: str) -> Iterator[str]:
    return (row[0] for row in database.fetch(query))
