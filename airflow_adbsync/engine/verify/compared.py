"""A table as it is compared: what the source should have brought beside what the target has; pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from airflow_adbsync.engine.config import Operation
from airflow_adbsync.engine.model import Key, QualifiedName, Relation, quote_identifier
from airflow_adbsync.engine.shape import ColumnShape, TableShape
from airflow_adbsync.engine.verify.portions import can_be_cut
from airflow_adbsync.engine.verify.statements import Hashing, Reading, row_version


@dataclass(frozen=True, slots=True)
class Compared:
    """Both sides of a table.

    ``key_names`` are the source's columns that name a row, none where rows are named by their hash.
    ``written`` are the target's columns that a repair writes, ``brought`` the source's expressions for them.
    ``rows`` and ``bytes`` are the source's estimates.
    """

    name: QualifiedName
    target_name: QualifiedName
    source: Reading
    target: Reading
    key_names: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    brought: tuple[str, ...] = ()
    operations: frozenset[Operation] = field(default_factory=lambda: frozenset(Operation))
    can_be_cut: bool = False
    rows: int = 0
    bytes: int = 0


def compared(
    source: Relation,
    target: Relation,
    shape: TableShape,
    hashing: Hashing,
    segments: tuple[bool, bool] = (False, False),
) -> Compared:
    """Read the source's table through its shape, and the target's as it is.

    Every column that the shape has is compared, those too which the target computes or alone has.
    """
    types = {column.name: column.type for column in target.columns}
    generated = {column.name for column in target.columns if column.generated}
    theirs = tuple(_value(column, source) for column in shape.columns)
    ours = tuple(quote_identifier(column.name) for column in shape.columns)
    text_types = tuple(types[column.name] for column in shape.columns)
    key = _key(source, shape)
    source_key, target_key, names = _key_columns(key, shape)
    target_types = _types(target, tuple(shape.target_column(name) or "" for name in names))
    source_types = _types(source, names)
    kept = source_types == target_types
    source_types = tuple(
        (_by_source(shape, name).type or type_) for name, type_ in zip(names, source_types, strict=True)
    )
    written = [
        (ours_, theirs_)
        for column, ours_, theirs_ in zip(shape.columns, ours, theirs, strict=True)
        if column.name not in generated
    ]
    return Compared(
        name=source.name,
        target_name=target.name,
        source=Reading(
            f"{source.only}{source.name.sql}",
            theirs,
            source_key,
            source_types,
            hashing.of_row(theirs, text_types),
            _key_hash(hashing, source_key, theirs, text_types, target_types),
            shape.where,
            row_version(segments=segments[0]),
        ),
        target=Reading(
            f"{target.only}{target.name.sql}",
            ours,
            target_key,
            target_types,
            hashing.of_row(ours, text_types),
            _key_hash(hashing, target_key, ours, text_types, target_types),
            version=row_version(segments=segments[1]),
        ),
        key_names=names,
        written=tuple(name for name, _ in written),
        brought=tuple(value for _, value in written),
        operations=shape.operations,
        can_be_cut=kept and can_be_cut(source_types),
        rows=source.rows,
        bytes=source.bytes,
    )


def _value(column: ColumnShape, source: Relation) -> str:
    """The source's expression for a column of the target."""
    if column.is_plain and column.source is not None:
        return quote_identifier(column.source)
    expression = column.value if column.value is not None else quote_identifier(column.source or "")
    type_ = column.type or next(item.type for item in source.columns if item.name == column.source)
    return f"({expression})::{type_}"


def _key(source: Relation, shape: TableShape) -> Key | None:
    """A key whose columns all arrive as they are: best that by which the replication finds rows."""
    plain = {column.source for column in shape.columns if column.source and column.value is None}
    first = [source.key] if source.key else []
    return next((key for key in (*first, *source.keys) if plain.issuperset(key.columns)), None)


def _key_columns(
    key: Key | None, shape: TableShape
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    names = key.columns if key else ()
    columns = [_by_source(shape, name) for name in names]
    theirs = tuple(
        f"{quote_identifier(column.source or '')}" + (f"::{column.type}" if column.type else "")
        for column in columns
    )
    return theirs, tuple(quote_identifier(column.name) for column in columns), names


def _by_source(shape: TableShape, name: str) -> ColumnShape:
    return next(column for column in shape.columns if column.source == name)


def _types(relation: Relation, names: tuple[str, ...]) -> tuple[str, ...]:
    types = {column.name: column.type for column in relation.columns}
    return tuple(types[name] for name in names)


def _key_hash(
    hashing: Hashing,
    key: tuple[str, ...],
    values: tuple[str, ...],
    types: tuple[str, ...],
    key_types: tuple[str, ...],
) -> str:
    return hashing.of_row(key, key_types) if key else hashing.of_row(values, types)
