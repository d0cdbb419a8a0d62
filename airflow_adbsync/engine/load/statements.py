"""The statements of a load; pure.

A source table is read, and a target table emptied, without the tables that inherit from it: those are tables
of their own. A partitioned table has its partitions' rows, and COPY reads them through a SELECT only.
"""

from __future__ import annotations

from collections.abc import Sequence

from airflow_adbsync.engine.model import QualifiedName, Relation, RelationKind, quote_identifier


def lock_source(relation: Relation) -> str:
    """Keep DDL away before the snapshot is taken: a table rewritten after it would look empty under it.

    LOCK TABLE takes no snapshot itself (PostgreSQL doc: LOCK; Caveats of MVCC).
    """
    return f"LOCK TABLE {relation.only}{relation.name.sql} IN ACCESS SHARE MODE"


def copy_out(
    relation: Relation,
    expressions: Sequence[str],
    *,
    binary: bool,
    conditions: Sequence[str] = (),
    plain: bool,
) -> str:
    """Read the expressions for each row that meets the conditions; ``plain``: they are columns, of all rows.

    A plain COPY of a table costs the server less than one of a SELECT.
    """
    columns = ", ".join(expressions)
    if plain and not conditions and relation.kind is RelationKind.TABLE:
        what = f"{relation.name.sql}{_parenthesised(columns)}"
    else:
        what = f"({read(relation, expressions, conditions)})"
    return f"COPY {what} TO STDOUT WITH (FORMAT {_format(binary)})"


def read(relation: Relation, expressions: Sequence[str], conditions: Sequence[str]) -> str:
    """Select the expressions for each row that meets the conditions."""
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(expressions)} FROM {relation.only}{relation.name.sql}{where}"


def copy_in(target: Relation, columns: Sequence[str], *, binary: bool, freeze: bool) -> str:
    """Write these columns of the target's table.

    ``freeze`` needs an ordinary table that was truncated in this transaction (PostgreSQL doc: COPY).
    """
    options = f"FORMAT {_format(binary)}" + (", FREEZE" if freeze else "")
    names = _parenthesised(", ".join(map(quote_identifier, columns)))
    return f"COPY {target.name.sql}{names} FROM STDIN WITH ({options})"


def copy_keys_in(into: str) -> str:
    """Write keys that come as text."""
    return f"COPY {into} FROM STDIN WITH (FORMAT text)"


def create_keys(target: Relation, key: Sequence[str], into: str) -> str:
    """A table for keys, which lives as long as the transaction."""
    columns = ", ".join(map(quote_identifier, key))
    return (
        f"CREATE TEMP TABLE {into} ON COMMIT DROP AS "
        f"SELECT {columns} FROM {target.only}{target.name.sql} WITH NO DATA"
    )


def delete_others(target: Relation, key: Sequence[str], kept: str) -> str:
    """Remove the rows whose key is not among those in ``kept``."""
    same = " AND ".join(f"k.{column} = t.{column}" for column in map(quote_identifier, key))
    return (
        f"DELETE FROM {target.only}{target.name.sql} AS t "
        f"WHERE NOT EXISTS (SELECT FROM {kept} AS k WHERE {same})"
    )


def create_beside(target: Relation, columns: Sequence[str], into: QualifiedName) -> str:
    """A table for the rows that come, which lives as long as the transaction."""
    names = ", ".join(map(quote_identifier, columns))
    return (
        f"CREATE TEMP TABLE {quote_identifier(into.name)} ON COMMIT DROP AS "
        f"SELECT {names} FROM {target.only}{target.name.sql} WITH NO DATA"
    )


def insert_beside(target: Relation, columns: Sequence[str], rows: QualifiedName) -> str:
    """Put those rows in whose key, of any unique one, is not in the table."""
    names = ", ".join(map(quote_identifier, columns))
    return (
        f"INSERT INTO {target.name.sql}{_parenthesised(names)} OVERRIDING SYSTEM VALUE "
        f"SELECT {names} FROM {rows.sql} ON CONFLICT DO NOTHING"
    )


def lock_target(target: Relation) -> str:
    """Keep the applier and other loads away until this load is committed."""
    return f"LOCK TABLE {target.only}{target.name.sql} IN ACCESS EXCLUSIVE MODE"


def has_rows(target: Relation) -> str:
    """Ask whether the target's table holds any row."""
    return f"SELECT EXISTS (SELECT FROM {target.only}{target.name.sql})"


def count(target: Relation) -> str:
    """Count the rows of the target's table."""
    return f"SELECT count(*) FROM {target.only}{target.name.sql}"


def truncate(target: Relation) -> str:
    """Empty the target's table."""
    return f"TRUNCATE {target.only}{target.name.sql}"


def delete(target: Relation) -> str:
    """Empty a table to which foreign keys of other tables point, where TRUNCATE is refused."""
    return f"DELETE FROM {target.only}{target.name.sql}"


def _format(binary: bool) -> str:
    return "binary" if binary else "text"


def _parenthesised(columns: str) -> str:
    return f" ({columns})" if columns else ""
