"""``adbsync.fence``: a cut-over under way or made, and how to undo what it did to the source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from psycopg.types.json import Jsonb

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Lsn


class Step(NamedTuple):
    """One statement, and in whose role it runs; None is the session's own."""

    role: str | None
    sql: str


class SequenceRow(NamedTuple):
    """Where a sequence of the target stood; ``name`` is quoted as SQL wants it."""

    name: str
    last_value: int
    is_called: bool


@dataclass(frozen=True, slots=True)
class Fence:
    """Times are the target's. ``final_lsn`` is None until nobody can write to the source any more;
    ``switched_at`` until the target takes the writes; ``aborted_at`` until an abort has begun."""

    kind: str
    undo: tuple[Step, ...]
    sequences: tuple[SequenceRow, ...]
    fenced_at: datetime
    final_lsn: Lsn | None
    switched_at: datetime | None
    aborted_at: datetime | None = None

    @property
    def seconds(self) -> float | None:
        """For how long nobody could write; None while it is so."""
        return (self.switched_at - self.fenced_at).total_seconds() if self.switched_at else None


def find(conn: Connection, sync_id: str) -> Fence | None:
    """Return the sync's fence, or None."""
    row = conn.execute(
        """
        SELECT kind, undo, sequences, fenced_at, final_lsn::text, switched_at, aborted_at
        FROM adbsync.fence WHERE sync_id = %s
        """,
        (sync_id,),
    ).fetchone()
    if row is None:
        return None
    kind, undo, sequences, fenced_at, final_lsn, switched_at, aborted_at = row
    return Fence(
        kind,
        tuple(Step(*each) for each in undo),
        tuple(SequenceRow(*each) for each in sequences),
        fenced_at,
        Lsn.parse(final_lsn) if final_lsn else None,
        switched_at,
        aborted_at,
    )


def plan(conn: Connection, sync_id: str, kind: str, undo: Iterable[Step]) -> None:
    """Write down what will be undone, before anything is done; the time counts from here."""
    conn.execute(
        """
        INSERT INTO adbsync.fence (sync_id, kind, undo) VALUES (%s, %s, %s)
        ON CONFLICT (sync_id) DO UPDATE SET kind = excluded.kind, undo = excluded.undo
        """,
        (sync_id, kind, Jsonb([list(step) for step in undo])),
    )


def note_sequences(conn: Connection, sync_id: str, sequences: Iterable[SequenceRow]) -> None:
    """Write down where the target's sequences stand, unless that is known."""
    conn.execute(
        "UPDATE adbsync.fence SET sequences = %s WHERE sync_id = %s AND sequences = '[]'",
        (Jsonb([list(each) for each in sequences]), sync_id),
    )


def set_final(conn: Connection, sync_id: str, lsn: Lsn) -> None:
    """Note where the source's log ends for good."""
    conn.execute("UPDATE adbsync.fence SET final_lsn = %s::pg_lsn WHERE sync_id = %s", (str(lsn), sync_id))


def set_switched(conn: Connection, sync_id: str) -> None:
    """Note that the target takes the writes from now on."""
    conn.execute(
        "UPDATE adbsync.fence SET switched_at = coalesce(switched_at, clock_timestamp()) WHERE sync_id = %s",
        (sync_id,),
    )


def set_aborted(conn: Connection, sync_id: str) -> None:
    """Note that an abort has begun: the source may be written to from any moment on."""
    conn.execute(
        "UPDATE adbsync.fence SET aborted_at = coalesce(aborted_at, clock_timestamp()) WHERE sync_id = %s",
        (sync_id,),
    )


def forget(conn: Connection, sync_id: str) -> None:
    """Remove the row once all is undone."""
    conn.execute("DELETE FROM adbsync.fence WHERE sync_id = %s", (sync_id,))


def set_opening(conn: Connection, sync_id: str, steps: Iterable[Step]) -> None:
    """Note what lets writes in again on this database, once the sync has been cut over to it."""
    conn.execute(
        "UPDATE adbsync.sync SET opening = %s WHERE sync_id = %s",
        (Jsonb([list(step) for step in steps]), sync_id),
    )


def opening(conn: Connection, sync_id: str) -> tuple[Step, ...]:
    """Return what `set_opening` noted."""
    row = conn.execute("SELECT opening FROM adbsync.sync WHERE sync_id = %s", (sync_id,)).fetchone()
    return tuple(Step(*each) for each in row[0]) if row else ()
