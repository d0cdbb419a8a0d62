"""``adbsync.verification``: each table's latest comparison."""

from __future__ import annotations

from dataclasses import dataclass, field

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName


@dataclass(frozen=True, slots=True)
class TableVerification:
    """Rows and checksum of one table on both sides.

    ``behind`` is by how many bytes of WAL the target was behind the source when they were found to differ; it
    is not stored.
    """

    name: QualifiedName
    source_rows: int
    target_rows: int
    source_checksum: str
    target_checksum: str
    behind: int = field(default=0, compare=False)

    @property
    def equal(self) -> bool:
        """Tell whether both sides hold the same rows."""
        return (self.source_rows, self.source_checksum) == (self.target_rows, self.target_checksum)


def record(conn: Connection, sync_id: str, result: TableVerification) -> None:
    """Store a comparison in the place of the table's earlier one."""
    conn.execute(
        """
        INSERT INTO adbsync.verification
            (sync_id, schema_name, table_name, source_rows, target_rows, source_checksum, target_checksum)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (sync_id, schema_name, table_name) DO UPDATE
        SET source_rows = excluded.source_rows, target_rows = excluded.target_rows,
            source_checksum = excluded.source_checksum, target_checksum = excluded.target_checksum,
            verified_at = now()
        """,
        (
            sync_id,
            result.name.schema,
            result.name.name,
            result.source_rows,
            result.target_rows,
            result.source_checksum,
            result.target_checksum,
        ),
    )


def read(conn: Connection, sync_id: str) -> tuple[TableVerification, ...]:
    """Return the latest comparisons."""
    rows = conn.execute(
        """
        SELECT schema_name, table_name, source_rows, target_rows, source_checksum, target_checksum
        FROM adbsync.verification WHERE sync_id = %s ORDER BY schema_name, table_name
        """,
        (sync_id,),
    ).fetchall()
    return tuple(TableVerification(QualifiedName(row[0], row[1]), *row[2:]) for row in rows)
