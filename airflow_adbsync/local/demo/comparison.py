"""A second opinion: both databases read by queries that have nothing in common with the engine's verify."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

from psycopg import sql

from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.model import Endpoint, QualifiedName


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds: how many rows, and a checksum that does not depend on their order."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class TablePair:
    """One table on both sides; None where a side has no such table."""

    name: QualifiedName
    source: Content | None
    target: Content | None

    @property
    def matches(self) -> bool:
        """Tell whether both sides hold the same rows."""
        return self.source is not None and self.source == self.target


@dataclass(frozen=True, slots=True)
class SequencePair:
    """One sequence on both sides: the value that it gives next, None where a side has no such sequence."""

    name: QualifiedName
    source: int | None
    target: int | None

    @property
    def matches(self) -> bool:
        """Tell whether the target goes on no earlier than the source."""
        return self.source is not None and self.target is not None and self.target >= self.source


@dataclass(frozen=True, slots=True)
class Comparison:
    """All tables and all sequences of the shop."""

    tables: tuple[TablePair, ...]
    sequences: tuple[SequencePair, ...] = ()

    @property
    def matches(self) -> bool:
        """Tell whether there was something to compare, and all of it matched."""
        return bool(self.tables) and not self.different

    @property
    def different(self) -> tuple[QualifiedName, ...]:
        """What does not match, tables first."""
        tables = [pair.name for pair in self.tables if not pair.matches]
        return (*tables, *(pair.name for pair in self.sequences if not pair.matches))


def compare(source: Endpoint, target: Endpoint) -> Comparison:
    """Read both databases, each under one snapshot, and put them side by side.

    Raises the engine's typed errors.
    """
    here, here_next = _read(source)
    there, there_next = _read(target)
    return Comparison(
        tuple(TablePair(name, here.get(name), there.get(name)) for name in sorted({*here, *there})),
        tuple(
            SequencePair(name, here_next.get(name), there_next.get(name))
            for name in sorted({*here_next, *there_next})
        ),
    )


def _read(endpoint: Endpoint) -> tuple[dict[QualifiedName, Content], dict[QualifiedName, int]]:
    with connect(endpoint) as connection, typed_errors(endpoint, "reading what is to be compared"):
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        tables = {
            QualifiedName(schema, name): _content(connection, QualifiedName(schema, name), columns)
            for schema, name, columns in connection.execute(_script("tables.sql")).fetchall()
        }
        sequences = {
            QualifiedName(schema, name): _next_value(connection, QualifiedName(schema, name), step)
            for schema, name, step in connection.execute(_script("sequences.sql")).fetchall()
        }
    return tables, sequences


def _content(connection: Connection, name: QualifiedName, columns: list[str]) -> Content:
    """The checksum is the sum of 60 bits of each row's md5: equal rows count as often as they occur."""
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(('x' || left(md5(ROW({columns})::text), 15))::bit(60)::bigint), 0) "
        "FROM ONLY {table}"
    ).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        table=sql.Identifier(name.schema, name.name),
    )
    row = connection.execute(query).fetchone()
    rows, total = row if row else (0, 0)
    return Content(int(rows), f"{int(total) % (1 << 48):012x}")


def _next_value(connection: Connection, name: QualifiedName, step: int) -> int:
    query = sql.SQL("SELECT CASE WHEN is_called THEN last_value + %s ELSE last_value END FROM {}")
    row = connection.execute(query.format(sql.Identifier(name.schema, name.name)), [step]).fetchone()
    return int(row[0]) if row else 0


def _script(name: str) -> bytes:
    return resources.files(__package__).joinpath(name).read_bytes()
