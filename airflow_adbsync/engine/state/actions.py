"""``adbsync.action``: what people have asked of a sync, and who."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from airflow_adbsync.engine.connect import Connection


@dataclass(frozen=True, slots=True)
class Action:
    """``actor`` is the user as Airflow knows them; ``detail`` says it in words."""

    done_at: datetime
    actor: str
    action: str
    detail: str


def record(conn: Connection, sync_id: str, *, actor: str, action: str, detail: str = "") -> None:
    """Note what was asked, in the transaction that asks it."""
    conn.execute(
        "INSERT INTO adbsync.action (sync_id, actor, action, detail) VALUES (%s, %s, %s, %s)",
        (sync_id, actor, action, detail),
    )


def read(conn: Connection, sync_id: str, limit: int = 50) -> tuple[Action, ...]:
    """Return the latest, newest first."""
    rows = conn.execute(
        """
        SELECT done_at, actor, action, detail FROM adbsync.action
        WHERE sync_id = %s ORDER BY done_at DESC LIMIT %s
        """,
        (sync_id, limit),
    ).fetchall()
    return tuple(Action(*row) for row in rows)
