"""A slot's hold on the source's log, and how much longer that can go well."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import AsyncConnection
from airflow_adbsync.engine.model import Lsn


class Danger(StrEnum):
    """How near a slot is to being lost."""

    NONE = "none"
    NEAR = "near"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class SlotHold:
    """What the source says of a slot; ``source_lsn`` is where its log ends.

    ``safe_bytes`` may be written until the slot is in danger of being lost, None where nothing limits it;
    it and ``wal_status`` come from PostgreSQL 13 on (PostgreSQL doc: pg_replication_slots).
    """

    source_lsn: Lsn
    present: bool
    active_pid: int | None = None
    confirmed_lsn: Lsn | None = None
    retained_bytes: int | None = None
    wal_status: str | None = None
    safe_bytes: int | None = None
    invalidation_reason: str | None = None

    @property
    def danger(self) -> Danger:
        """Whether the slot is lost, or soon will be."""
        if not self.present or self.wal_status == "lost" or self.invalidation_reason:
            return Danger.LOST
        return Danger.NEAR if self.wal_status == "unreserved" else Danger.NONE

    @property
    def advice(self) -> str:
        """What the state means, and what to do about it."""
        if not self.present:
            return (
                "The slot is not on the source: changes since it went are lost. Release the sync, start anew."
            )
        if self.danger is Danger.LOST:
            why = self.invalidation_reason or "the source removed WAL that it still needed"
            return f"The slot is lost ({why}) and can't be resumed. Release the sync and start it anew."
        if self.danger is Danger.NEAR:
            return (
                "The source may remove needed WAL at its next checkpoint: let the applier run and catch up "
                "now, or raise max_slot_wal_keep_size on the source."
            )
        if self.wal_status == "extended":
            return "More WAL is kept than max_wal_size; files are safe as long as the limit is not reached."
        return ""


async def read_hold(conn: AsyncConnection, name: str) -> SlotHold:
    """Ask the source."""
    cursor = await conn.execute(query(__package__, "hold"), {"name": name})
    row = await cursor.fetchone()
    assert row is not None, "one row comes whether there is a slot or not"  # noqa: S101
    source_lsn, present, active_pid, confirmed, *rest = row
    return SlotHold(
        Lsn.parse(source_lsn), present, active_pid, Lsn.parse(confirmed) if confirmed else None, *rest
    )
