"""What the source says of a slot (PostgreSQL doc: pg_replication_slots)."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Lsn

PLUGIN = "pgoutput"


@dataclass(frozen=True, slots=True)
class Slot:
    """``plugin`` and ``database`` are None for a physical slot; ``active_pid`` while somebody reads it.

    ``wal_status`` is None before PostgreSQL 13, ``invalidation_reason`` before 17.
    """

    name: str
    plugin: str | None
    database: str | None
    active_pid: int | None
    restart_lsn: Lsn | None
    confirmed_flush_lsn: Lsn | None
    wal_status: str | None = None
    invalidation_reason: str | None = None
    failover: bool = False

    @property
    def lost(self) -> bool:
        """Tell whether the source removed WAL that the slot needed, so that it can't be resumed."""
        return self.wal_status == "lost" or bool(self.invalidation_reason)


def find(conn: Connection, name: str) -> Slot | None:
    """Return the slot, or None; slots are known to the whole server, not to one database."""
    row = conn.execute(query(__package__, "slot"), {"name": name}).fetchone()
    if row is None:
        return None
    slot_name, plugin, database, active_pid, restart, confirmed, *rest = row
    return Slot(slot_name, plugin, database, active_pid, _lsn(restart), _lsn(confirmed), *rest)


def _lsn(text: str | None) -> Lsn | None:
    return Lsn.parse(text) if text else None
