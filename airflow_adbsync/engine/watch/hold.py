"""A slot's hold on the source's log, and who reads it: asked once, over a connection of the caller's."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import AsyncConnection
from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.watch.slot import danger
from airflow_adbsync.engine.watch.source_position import SourcePosition


@dataclass(frozen=True, slots=True)
class SlotHold:
    """The slot as the source sees it: ``active_pid`` while somebody reads it."""

    slot_name: str
    position: SourcePosition
    active_pid: int | None = None
    confirmed_lsn: Lsn | None = None

    @property
    def danger(self) -> AdbsyncError | None:
        """What threatens the slot, or has befallen it."""
        return danger(self.slot_name, self.position)


async def read_hold(conn: AsyncConnection, slot_name: str) -> SlotHold:
    """Ask the source."""
    cursor = await conn.execute(query(__package__, "hold"), {"slot_name": slot_name})
    row = await cursor.fetchone()
    assert row is not None, "one row comes whether there is a slot or not"  # noqa: S101
    lsn, *facts, active_pid, confirmed = row
    position = SourcePosition(Lsn.parse(lsn), *facts)
    return SlotHold(slot_name, position, active_pid, Lsn.parse(confirmed) if confirmed else None)
