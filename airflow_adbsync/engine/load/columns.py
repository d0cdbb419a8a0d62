"""Whether a table's rows fit the target's table; pure."""

from __future__ import annotations

from airflow_adbsync.engine.model import Column, Relation


def differences(source: Relation, target: Relation) -> tuple[str, ...]:
    """Say, column by column, why rows of the source can't be copied, or replicated later, as they are.

    A column that only the target has is one: nobody could tell it from a column that the source has dropped.
    """
    known = {column.name: column for column in target.columns}
    found = [_difference(column, known.pop(column.name, None)) for column in source.columns]
    return (*(text for text in found if text), *(f"column {name} is only there" for name in known))


def not_binary(source: Relation, target: Relation) -> tuple[str, ...]:
    """Say for which copied columns the binary form may not mean the same on both servers."""
    known = {column.name: column for column in target.columns}
    return tuple(
        f"column {column.name} is {column.type}"
        for column in source.stored_columns
        if not (column.binary and known[column.name].binary and column.type == known[column.name].type)
    )


def _difference(source: Column, target: Column | None) -> str:
    if target is None:
        return f"column {source.name} is missing"
    if source.generated != target.generated:
        where = "source" if source.generated else "target"
        return f"column {source.name} is generated on the {where} only"
    if source.type != target.type:
        return f"column {source.name} is {target.type} instead of {source.type}"
    return ""
