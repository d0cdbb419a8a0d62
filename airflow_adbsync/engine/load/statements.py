"""The statements of a load; pure.

A source table is read, and a target table emptied, without the tables that inherit from it: those are tables
of their own. A partitioned table has its partitions' rows, and COPY reads them through a SELECT only.
"""

from __future__ import annotations

from airflow_adbsync.engine.model import Column, Relation, RelationKind, quote_identifier


def lock_source(relation: Relation) -> str:
    """Keep DDL away before the snapshot is taken: a table rewritten after it would look empty under it.

    LOCK TABLE takes no snapshot itself (PostgreSQL doc: LOCK; Caveats of MVCC).
    """
    return f"LOCK TABLE {relation.only}{relation.name.sql} IN ACCESS SHARE MODE"


def copy_out(relation: Relation, *, binary: bool) -> str:
    """Read all rows, without generated columns."""
    columns = _list(relation.stored_columns)
    if relation.kind is RelationKind.PARTITIONED:
        what = f"(SELECT {columns} FROM {relation.name.sql})"
    else:
        what = f"{relation.name.sql}{_parenthesised(columns)}"
    return f"COPY {what} TO STDOUT WITH (FORMAT {_format(binary)})"


def copy_in(source: Relation, target: Relation, *, binary: bool, freeze: bool) -> str:
    """Write the source's columns into the target's table.

    ``freeze`` needs an ordinary table that was truncated in this transaction (PostgreSQL doc: COPY).
    """
    options = f"FORMAT {_format(binary)}" + (", FREEZE" if freeze else "")
    columns = _parenthesised(_list(source.stored_columns))
    return f"COPY {target.name.sql}{columns} FROM STDIN WITH ({options})"


def lock_target(target: Relation) -> str:
    """Keep the applier and other loads away until this load is committed."""
    return f"LOCK TABLE {target.only}{target.name.sql} IN ACCESS EXCLUSIVE MODE"


def truncate(target: Relation) -> str:
    """Empty the target's table."""
    return f"TRUNCATE {target.only}{target.name.sql}"


def delete(target: Relation) -> str:
    """Empty a table to which foreign keys of other tables point, where TRUNCATE is refused."""
    return f"DELETE FROM {target.only}{target.name.sql}"


def _format(binary: bool) -> str:
    return "binary" if binary else "text"


def _list(columns: tuple[Column, ...]) -> str:
    return ", ".join(quote_identifier(column.name) for column in columns)


def _parenthesised(columns: str) -> str:
    return f" ({columns})" if columns else ""
