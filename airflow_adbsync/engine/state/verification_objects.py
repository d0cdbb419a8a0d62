"""``adbsync.verification_object``: what the latest comparison of the schemas has found to differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from airflow_adbsync.engine.connect import Connection


@dataclass(frozen=True, slots=True)
class ObjectDifference:
    """A column, index, constraint, sequence or view that is not on the target as it is on the source."""

    kind: str
    object: str
    problem: str
    source: str = ""
    target: str = ""


def replace(conn: Connection, sync_id: str, found: Sequence[ObjectDifference]) -> None:
    """Store these in the place of all earlier ones."""
    conn.execute("DELETE FROM adbsync.verification_object WHERE sync_id = %s", (sync_id,))
    with conn.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO adbsync.verification_object (sync_id, kind, object, problem, source, target)
            VALUES (%s, %s, %s, %s, %s, %s)
            """,
            [(sync_id, *astuple(item)) for item in found],
        )


def read(conn: Connection, sync_id: str) -> tuple[ObjectDifference, ...]:
    """Return what differed."""
    rows = conn.execute(
        """
        SELECT kind, object, problem, source, target
        FROM adbsync.verification_object WHERE sync_id = %s ORDER BY kind, object, problem
        """,
        (sync_id,),
    ).fetchall()
    return tuple(ObjectDifference(*row) for row in rows)
