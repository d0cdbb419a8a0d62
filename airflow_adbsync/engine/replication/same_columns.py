"""Whether a table's columns on the source are still those that were loaded, and not others of their names.

The stream names columns; it does not tell of one that was dropped and added anew, or of two that traded
names. Their numbers do (PostgreSQL doc: pg_attribute).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import RelationDrifted
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.replication.leaves import PublishedLeaves
from airflow_adbsync.engine.shape import Shapes

Numbers = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class KnownTables:
    """The sync's tables by their oids on the source, and their columns' numbers when they were loaded."""

    shapes: Shapes
    names: Mapping[int, QualifiedName]
    numbers: Mapping[QualifiedName, Numbers]
    leaves: PublishedLeaves

    def added(self, source: Connection, oids: Iterable[int]) -> dict[QualifiedName, Numbers]:
        """Compare these tables with the source's catalog; return the columns that were not there at the load.

        Raises:
            RelationDrifted: a column is another one than that which was loaded.
        """
        asked = {"oids": [oid for oid in oids if oid in self.names]}
        found = source.execute(query(__package__, "column_numbers"), asked).fetchall()
        return {
            name: fresh
            for name, now in ((self.names[oid], now) for oid, now in found)
            if (fresh := compare(name, self.numbers.get(name, {}), self._used(name, now)))
        }

    def _used(self, table: QualifiedName, numbers: Numbers) -> Numbers:
        """Without the columns that the configuration leaves out, unless an expression may read them."""
        shape = self.shapes.sent(table, list(numbers))
        if shape.needs_whole_rows:
            return numbers
        used = zip(numbers.items(), shape.columns, strict=True)
        return {name: number for (name, number), column in used if column is not None}


def compare(table: QualifiedName, loaded: Numbers, now: Numbers) -> Numbers:
    """Return what is new.

    Raises:
        RelationDrifted: a column has another number than when it was loaded.
    """
    other = sorted(name for name, number in now.items() if loaded.get(name, number) != number)
    if other:
        raise RelationDrifted(
            f"Table {table} has other columns of the same names on the source than when it was loaded: "
            f"{', '.join(other)}. They were dropped and added anew, or traded names; what the rows hold in "
            "them does not come with the stream. Nothing was applied.",
            remedy="Load the table again (`reload` of the full load), then start incremental again.",
        )
    return {name: number for name, number in now.items() if name not in loaded}
