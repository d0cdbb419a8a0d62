"""Staging tables, and the statements that carry over what lies in them. Pure.

A staging table of a keyed table has, before the columns ``c0, c1, ...``, what is to be done (``op``: I, U
or D), which columns were not sent (``mask``, a number; 0 is none) and the row's old key (``k0, k1, ...``).
That of a keyless table has the columns and a number of copies (``n``), below zero for rows to be removed.
"""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.dialect import distribution_clause
from airflow_adbsync.engine.model import (
    RANDOMLY,
    Distribution,
    DistributionPolicy,
    QualifiedName,
    distributed_by,
    quote_identifier,
)
from airflow_adbsync.engine.replication.encoding import Mask


@dataclass(frozen=True, slots=True)
class StagedColumn:
    """A column: its name, what of it is staged (a domain's base type), and whether an UPDATE may set it.

    ``alike``: equal values look the same, which those of numeric (1.0 and 1.00) do not.
    """

    name: str
    base_type: str | None = None
    settable: bool = True
    alike: bool = True


@dataclass(frozen=True, slots=True)
class Staging:
    """A staging table and the table that it feeds; ``key`` holds the key columns' places.

    ``distribution`` is the fed table's on a server that spreads rows over segments: staged rows then lie
    beside those that they are for, so that a join moves nothing.
    """

    stage: str
    target: QualifiedName
    only: str
    columns: tuple[StagedColumn, ...]
    key: tuple[int, ...]
    distribution: Distribution | None = None

    def create(self) -> str:
        """Types and collations are the target's, so that joins need no cast; constraints stay away."""
        head = ["'I'::\"char\" AS op", "0 AS mask"] if self.key else ["0 AS n"]
        keys = [f"{self._selected(place)} AS k{i}" for i, place in enumerate(self.key)]
        columns = [f"{self._selected(place)} AS c{place}" for place in range(len(self.columns))]
        return (
            f"CREATE TEMP TABLE {self.stage} ON COMMIT DELETE ROWS AS "
            f"SELECT {', '.join(head + keys + columns)} FROM {self.target.sql} AS t WITH NO DATA"
            f" {distribution_clause(self._own_distribution)}".rstrip()
        )

    def copy(self, form: str) -> str:
        """The statement that staged rows feed, in a form of COPY's (text or binary)."""
        return f"COPY {self.stage} FROM STDIN (FORMAT {form})"

    def copy_rows(self, form: str) -> str:
        """The statement that rows feed which go straight into the table."""
        return f"COPY {self.target.sql} ({self._names}) FROM STDIN (FORMAT {form})"

    def delete(self) -> str:
        """Remove the rows that are gone."""
        return f"DELETE FROM {self.table} AS t USING {self.stage} AS s WHERE s.op = 'D' AND {self.match}"

    @property
    def fixed(self) -> tuple[int, ...]:
        """The places of columns that no UPDATE may set."""
        return tuple(place for place, column in enumerate(self.columns) if not column.settable)

    def update(self, mask_number: int, mask: Mask) -> str | None:
        """Change the rows of one mask, or None if there is nothing that could be set.

        A row that has a new value in a column which can't be set (an identity, a distribution key) is passed
        over: only an INSERT can write that.
        """
        places = [place for place, column in enumerate(self.columns) if column.settable and place not in mask]
        if not places:
            return None
        assignments = ", ".join(f"{self._name(place)} = s.c{place}" for place in places)
        unchanged = "".join(f" AND {self._stays(place)}" for place in self.fixed if place not in mask)
        return (
            f"UPDATE {self.table} AS t SET {assignments} FROM {self.stage} AS s "
            f"WHERE s.op = 'U' AND s.mask = {mask_number} AND {self.match}{unchanged}"
        )

    def insert(self, ops: str) -> str:
        """Add the rows of these operations."""
        wanted = ", ".join(f"'{op}'" for op in ops)
        return self.insert_from(f"{self.stage} AS s WHERE s.op IN ({wanted})")

    def insert_from(self, rows: str) -> str:
        """Add rows ``s``."""
        return (
            f"INSERT INTO {self.target.sql} ({self._names}) OVERRIDING SYSTEM VALUE "
            f"SELECT {self._staged} FROM {rows}"
        )

    def complete(self, mask_number: int, mask: Mask) -> str:
        """Complete staged rows with what the target holds of the columns that were not sent."""
        assignments = ", ".join(f"c{place} = t.{self._name(place)}" for place in mask)
        return (
            f"UPDATE {self.stage} AS s SET {assignments} FROM {self.table} AS t "
            f"WHERE s.op = 'U' AND s.mask = {mask_number} AND {self.match}"
        )

    def delete_touched(self) -> str:
        """Remove every row that is to be changed or removed."""
        return (
            f"DELETE FROM {self.table} AS t USING {self.stage} AS s WHERE s.op IN ('D', 'U') AND {self.match}"
        )

    def missing(self) -> str:
        """Name a row that is to be changed or removed and is not there."""
        keys = ", ".join(f"s.k{i}::text" for i in range(len(self.key)))
        return (
            f"SELECT {keys} FROM {self.stage} AS s WHERE s.op IN ('D', 'U') "
            f"AND NOT EXISTS (SELECT FROM {self.table} AS t WHERE {self.match}) LIMIT 1"
        )

    def delete_keyless(self) -> str:
        """Remove exactly as many equal rows as were removed on the source; equal means: of the same text."""
        removed = (
            f"SELECT ROW({self._staged})::text AS r, sum(s.n) AS n "
            f"FROM {self.stage} AS s WHERE s.n < 0 GROUP BY 1"
        )
        # A ctid names a row of one segment.
        address = ("gp_segment_id", "tableoid", "ctid") if self.distribution else ("tableoid", "ctid")
        live, matched = (", ".join(f"{table}.{part}" for part in address) for table in "tm")
        matches = (
            f"SELECT {live}, s.n, row_number() OVER (PARTITION BY s.r) AS i "
            f"FROM {self.table} AS t JOIN ({removed}) AS s ON ROW({self._live})::text = s.r"
        )
        return (
            f"DELETE FROM {self.table} AS t WHERE ({live}) IN "
            f"(SELECT {matched} FROM ({matches}) AS m WHERE m.i <= -m.n)"
        )

    def insert_keyless(self) -> str:
        """Add each row as often as it was added on the source."""
        names = f" ({self._names})" if self.columns else ""
        return (
            f"INSERT INTO {self.target.sql}{names} OVERRIDING SYSTEM VALUE "
            f"SELECT {self._staged} FROM {self.stage} AS s, generate_series(1, s.n) WHERE s.n > 0"
        )

    def count_keyless(self) -> str:
        """Count the staged copies of rows to be added, and to be removed."""
        return (
            "SELECT coalesce(sum(n) FILTER (WHERE n > 0), 0), coalesce(-sum(n) FILTER (WHERE n < 0), 0) "
            f"FROM {self.stage}"
        )

    @property
    def _own_distribution(self) -> Distribution | None:
        if self.distribution is None or self.distribution.policy is not DistributionPolicy.BY:
            return self.distribution
        names = [column.name for column in self.columns]
        places = [names.index(name) for name in self.distribution.columns]
        if not self.key:
            return distributed_by(*(f"c{place}" for place in places))
        if not set(places) <= set(self.key):
            return RANDOMLY
        return distributed_by(*(f"k{self.key.index(place)}" for place in places))

    @property
    def table(self) -> str:
        """The fed table, for a statement that changes its rows."""
        return f"{self.only}{self.target.sql}"

    @property
    def assignments(self) -> str:
        """Every column of the fed table gets the staged row's value."""
        return ", ".join(f"{self._name(place)} = s.c{place}" for place in range(len(self.columns)))

    @property
    def match(self) -> str:
        """The fed table's row ``t`` is the one that the staged row ``s`` names."""
        return " AND ".join(f"t.{self._name(place)} = s.k{i}" for i, place in enumerate(self.key))

    @property
    def key_columns(self) -> tuple[tuple[str, int], ...]:
        """The quoted names of the key's columns, with their places."""
        return tuple((self._name(place), place) for place in self.key)

    @property
    def _names(self) -> str:
        return ", ".join(self._name(place) for place in range(len(self.columns)))

    @property
    def _staged(self) -> str:
        return ", ".join(f"s.c{place}" for place in range(len(self.columns)))

    @property
    def _live(self) -> str:
        return ", ".join(f"t.{self._name(place)}" for place in range(len(self.columns)))

    def _name(self, place: int) -> str:
        return quote_identifier(self.columns[place].name)

    def _stays(self, place: int) -> str:
        looks = "" if self.columns[place].alike else "::text"
        return f"t.{self._name(place)}{looks} IS NOT DISTINCT FROM s.c{place}{looks}"

    def _selected(self, place: int) -> str:
        base = self.columns[place].base_type
        return f"t.{self._name(place)}{'::' + base if base else ''}"
