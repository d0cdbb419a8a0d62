"""``adbsync.sync``: which source each sync reads, and where its slot started."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.types.json import Jsonb

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import SyncUnknown
from airflow_adbsync.engine.model import Lsn, Server

# Every table that holds rows of a sync; `forget` empties them all.
_TABLES = (
    "action",
    "alert",
    "chunk",
    "announcement",
    "failure",
    "fence",
    "finding",
    "build",
    "kept_table",
    "lag_sample",
    "phase",
    "progress",
    "relation",
    "replica_identity",
    "statement",
    "throttle",
    "verification",
    "verification_object",
    "verification_portion",
    "sync",
)


@dataclass(frozen=True, slots=True)
class SyncRecord:
    """What the target remembers of a sync; ``start_lsn`` is None until its slot stands."""

    sync_id: str
    slot_name: str
    system_identifier: str
    timeline: int
    source_database: str
    start_lsn: Lsn | None


def register(conn: Connection, config: SyncConfig, slot_name: str, source: Server) -> None:
    """Write the sync down, or its changed configuration; the source it was started with stays."""
    conn.execute(
        """
        INSERT INTO adbsync.sync (sync_id, config, slot_name, system_identifier, timeline, source_database)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (sync_id) DO UPDATE SET config = excluded.config
        """,
        (
            config.sync_id,
            Jsonb(config.model_dump(mode="json")),
            slot_name,
            source.system_identifier,
            source.timeline,
            source.database,
        ),
    )


def set_start(conn: Connection, sync_id: str, lsn: Lsn) -> None:
    """Note where the slot starts."""
    conn.execute("UPDATE adbsync.sync SET start_lsn = %s::pg_lsn WHERE sync_id = %s", (str(lsn), sync_id))


def find(conn: Connection, sync_id: str) -> SyncRecord | None:
    """Return what is known of the sync, or None."""
    row = conn.execute(
        """
        SELECT sync_id, slot_name, system_identifier, timeline, source_database, start_lsn::text
        FROM adbsync.sync WHERE sync_id = %s
        """,
        (sync_id,),
    ).fetchone()
    if row is None:
        return None
    sync_id, slot_name, system_identifier, timeline, database, start_lsn = row
    start = Lsn.parse(start_lsn) if start_lsn else None
    return SyncRecord(sync_id, slot_name, system_identifier, timeline, database, start)


def find_config(conn: Connection, sync_id: str) -> SyncConfig | None:
    """Return the configuration as it was registered last, or None."""
    row = conn.execute("SELECT config FROM adbsync.sync WHERE sync_id = %s", (sync_id,)).fetchone()
    return SyncConfig.model_validate(row[0]) if row else None


def get(conn: Connection, sync_id: str) -> SyncRecord:
    """Return what is known of the sync.

    Raises:
        SyncUnknown: it was never started here, or has been released.
    """
    record = find(conn, sync_id)
    if record is None:
        raise SyncUnknown(
            f"The target holds no sync {sync_id!r}.",
            remedy="Run the start phase first; if the sync was released, start it anew.",
        )
    return record


def set_timeline(conn: Connection, sync_id: str, timeline: int) -> None:
    """Note the timeline that the sync's source is on since it was promoted."""
    conn.execute("UPDATE adbsync.sync SET timeline = %s WHERE sync_id = %s", (timeline, sync_id))


def forget(conn: Connection, sync_id: str) -> None:
    """Remove every row of the sync."""
    for table in _TABLES:
        conn.execute(f"DELETE FROM adbsync.{table} WHERE sync_id = %s", (sync_id,))
