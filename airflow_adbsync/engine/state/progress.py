"""``adbsync.progress``: how far the target has got, who may write it, and requests to stop.

The row is fenced: only the applier that took it last (its epoch is the row's) may advance it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import ApplierFenced, SyncUnknown
from airflow_adbsync.engine.model import Lsn

_COLUMNS = "lsn::text, commit_time, applied_at, owner, epoch, transactions, changes, stop_at::text"


@dataclass(frozen=True, slots=True)
class Progress:
    """``lsn`` is the end of the last applied commit; everything before it is on the target."""

    lsn: Lsn
    commit_time: datetime | None
    applied_at: datetime
    owner: str
    epoch: int
    transactions: int
    changes: int
    stop_at: Lsn | None


def begin(conn: Connection, sync_id: str, lsn: Lsn) -> None:
    """Make the row, unless it is there."""
    conn.execute(
        """
        INSERT INTO adbsync.progress (sync_id, lsn) VALUES (%s, %s::pg_lsn)
        ON CONFLICT (sync_id) DO NOTHING
        """,
        (sync_id, str(lsn)),
    )


def find(conn: Connection, sync_id: str) -> Progress | None:
    """Return the row, or None."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM adbsync.progress WHERE sync_id = %s",
        (sync_id,),
    ).fetchone()
    return _read(row) if row else None


def take(conn: Connection, sync_id: str, owner: str) -> Progress:
    """Become the applier: the epoch grows, and whoever held an older one is fenced off.

    The caller holds the sync's advisory lock.

    Raises:
        SyncUnknown: there is no such row.
    """
    row = conn.execute(
        f"UPDATE adbsync.progress SET owner = %s, epoch = epoch + 1 WHERE sync_id = %s RETURNING {_COLUMNS}",
        (owner, sync_id),
    ).fetchone()
    if row is None:
        raise SyncUnknown(f"The target holds no sync {sync_id!r}.", remedy="Run the start phase first.")
    return _read(row)


def advance(
    conn: Connection,
    sync_id: str,
    *,
    epoch: int,
    lsn: Lsn,
    commit_time: datetime | None = None,
    transactions: int = 0,
    changes: int = 0,
) -> None:
    """Move the progress on, in the transaction that holds the changes.

    Raises:
        ApplierFenced: another applier has taken the sync since.
    """
    cursor = conn.execute(
        """
        UPDATE adbsync.progress
        SET lsn = %s::pg_lsn, commit_time = coalesce(%s, commit_time), applied_at = clock_timestamp(),
            transactions = transactions + %s, changes = changes + %s
        WHERE sync_id = %s AND epoch = %s
        """,
        (str(lsn), commit_time, transactions, changes, sync_id, epoch),
    )
    if cursor.rowcount != 1:
        raise ApplierFenced(
            f"Another applier has taken sync {sync_id!r} over (this one's epoch is {epoch}).",
            remedy="Nothing: the other one goes on from the same place.",
        )


def request_stop(conn: Connection, sync_id: str, at: Lsn) -> None:
    """Ask the applier to leave cleanly once everything up to ``at`` is applied."""
    conn.execute("UPDATE adbsync.progress SET stop_at = %s::pg_lsn WHERE sync_id = %s", (str(at), sync_id))


def clear_stop(conn: Connection, sync_id: str) -> None:
    """Withdraw a request to stop."""
    conn.execute("UPDATE adbsync.progress SET stop_at = NULL WHERE sync_id = %s", (sync_id,))


def _read(row: tuple[object, ...]) -> Progress:
    lsn, commit_time, applied_at, owner, epoch, transactions, changes, stop_at = row
    return Progress(
        Lsn.parse(str(lsn)),
        commit_time,  # type: ignore[arg-type]
        applied_at,  # type: ignore[arg-type]
        str(owner),
        int(epoch),  # type: ignore[call-overload]
        int(transactions),  # type: ignore[call-overload]
        int(changes),  # type: ignore[call-overload]
        Lsn.parse(str(stop_at)) if stop_at else None,
    )
