"""``adbsync.verification``: each table's latest comparison."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName

_COLUMNS = (
    "source_rows",
    "target_rows",
    "source_checksum",
    "target_checksum",
    "mode",
    "compared",
    "differing",
    "missing_on_target",
    "missing_on_source",
    "unsettled",
    "repaired",
    "seconds",
    "keys",
)
VERIFICATION_COLUMNS = ", ".join(_COLUMNS)
_RECORD = f"""
    INSERT INTO adbsync.verification (sync_id, schema_name, table_name, {VERIFICATION_COLUMNS})
    VALUES (%s, %s, %s, {", ".join(["%s"] * len(_COLUMNS))})
    ON CONFLICT (sync_id, schema_name, table_name) DO UPDATE
    SET ({VERIFICATION_COLUMNS}, verified_at) = ({", ".join(f"excluded.{name}" for name in _COLUMNS)}, now())
"""


@dataclass(frozen=True, slots=True)
class DifferingRow:
    """A row that differed: how, its key (or text, where it has none), and whether it was repaired."""

    kind: str
    key: str
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class TableVerification:
    """Rows and checksum of one table on both sides, and how many rows differ how.

    ``target_rows`` follows from the source's rows and what is missing where: while replication runs, two
    counts are never of the same moment. ``unsettled`` rows are no difference if they only never stood still;
    ``behind`` is by how many bytes of WAL the target was behind the source when rows could not be settled
    because of that; it is not stored.
    """

    name: QualifiedName
    source_rows: int
    target_rows: int
    source_checksum: str
    target_checksum: str
    mode: str = "full"
    compared: int = 0
    differing: int = 0
    missing_on_target: int = 0
    missing_on_source: int = 0
    unsettled: int = 0
    repaired: int = 0
    seconds: float = field(default=0.0, compare=False)
    keys: tuple[DifferingRow, ...] = ()
    behind: int = field(default=0, compare=False)

    @property
    def equal(self) -> bool:
        """Tell whether both sides hold the same rows."""
        return (self.source_rows, self.source_checksum) == (self.target_rows, self.target_checksum)


def record(conn: Connection, sync_id: str, results: Sequence[TableVerification]) -> None:
    """Store comparisons in the place of the tables' earlier ones."""
    rows = [
        (
            sync_id,
            result.name.schema,
            result.name.name,
            *(getattr(result, name) for name in _COLUMNS[:-1]),
            json.dumps([(row.kind, row.key, row.repaired) for row in result.keys]),
        )
        for result in results
    ]
    with conn.cursor() as cursor:
        cursor.executemany(_RECORD, rows)


def read(conn: Connection, sync_id: str) -> tuple[TableVerification, ...]:
    """Return the latest comparisons."""
    rows = conn.execute(
        f"""
        SELECT schema_name, table_name, {VERIFICATION_COLUMNS}
        FROM adbsync.verification WHERE sync_id = %s ORDER BY schema_name, table_name
        """,
        (sync_id,),
    ).fetchall()
    return tuple(map(verification_of, rows))


def verification_of(row: tuple[Any, ...]) -> TableVerification:
    """Read a row of schema, table and `VERIFICATION_COLUMNS`."""
    schema, name, *numbers, keys = row
    return TableVerification(
        name=QualifiedName(schema, name),
        keys=tuple(DifferingRow(*item) for item in keys),
        **dict(zip(_COLUMNS[:-1], numbers, strict=True)),
    )
