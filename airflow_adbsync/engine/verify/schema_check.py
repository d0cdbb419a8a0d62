"""The mode ``schema``: what is not rows, and how many rows views give."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import partial

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import empty_search_path, query
from airflow_adbsync.engine.config import VerifyOptions
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state.verification_objects import ObjectDifference
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify.both import Both, open_both
from airflow_adbsync.engine.verify.counting import settle_counts
from airflow_adbsync.engine.verify.objects import (
    MISSING,
    Constraint,
    Index,
    SequenceFacts,
    compare_columns,
    compare_constraints,
    compare_indexes,
    compare_sequences,
)
from airflow_adbsync.engine.verify.side import Side
from airflow_adbsync.engine.verify.tables import Shaped, read_shaped
from airflow_adbsync.engine.verify.tide import Tide

_LOG = logging.getLogger(__name__)


def verify_schema(sync: Sync, options: VerifyOptions | None = None) -> tuple[ObjectDifference, ...]:
    """Compare the sync's tables apart from their rows, the schemas' sequences, and what their views give.

    What only the target has is not looked at. The result is stored.

    Raises:
        SyncUnknown: the sync was not started.
        RelationDrifted: a table is missing on one side.
    """
    chosen = options or sync.config.verify
    with (
        state.phases.running(sync.target, sync.sync_id, "verify"),
        open_both(sync, chosen.parallel) as both,
    ):
        shaped = read_shaped(sync, chosen.table_names)
        found = tuple(_Schemas(sync, both, chosen, shaped).differences())
        with connect(sync.target) as target, typed_errors(sync.target, "storing the results"):
            state.verification_objects.replace(target, sync.sync_id, found)
        for item in found:
            _LOG.warning("%s %s %s.", item.kind, item.object, item.problem)
        return found


class _Schemas:
    def __init__(self, sync: Sync, both: Both, options: VerifyOptions, shaped: Sequence[Shaped]) -> None:
        self._both = both
        self._options = options
        self._shaped = shaped
        self._shapes = sync.shapes
        self._tide = Tide(both, sync, options.settle)
        # A few tables are wanted: then sequences without an owner and views are not.
        self._schemas = [] if options.tables else list(sync.config.objects.schemas)

    def differences(self) -> Iterator[ObjectDifference]:
        """Everything that differs."""
        shapes = self._shapes
        for source, target, shape in self._shaped:
            yield from compare_columns(source, target, shape, shapes)
        theirs = [source.name for source, _, _ in self._shaped]
        ours = [target.name for _, target, _ in self._shaped]
        there, here = self._both.source, self._both.target
        yield from compare_indexes(_indexes(there, theirs), _indexes(here, ours), shapes)
        yield from compare_constraints(_constraints(there, theirs), _constraints(here, ours), shapes)
        tables = {source.name: shape for source, _, shape in self._shaped}
        owned = sorted({name.schema for name in theirs} | set(self._schemas))
        sequences = [
            item for item in _sequences(there, owned) if item.owner or item.name.schema in self._schemas
        ]
        on_target = sorted({name.schema for name in ours} | {shapes.schema(name) for name in owned})
        yield from compare_sequences(sequences, _sequences(here, on_target), tables, shapes)
        yield from self._views()

    def _views(self) -> Iterator[ObjectDifference]:
        there = _views(self._both.source, self._schemas)
        here = set(_views(self._both.target, [self._shapes.schema(name) for name in self._schemas]))
        for view in sorted(there):
            target = self._shapes.object(view)
            if target not in here:
                yield ObjectDifference("view", str(target), MISSING)
                continue
            try:
                counts = settle_counts(
                    partial(_count, self._both.source, view),
                    partial(_count, self._both.target, target),
                    self._tide,
                    self._options.settle,
                )
            except AdbsyncError as error:
                if error.retryable:
                    raise
                yield ObjectDifference("view", str(target), "can't be read", target=str(error))
                continue
            if counts.source != counts.target:
                problem = "gives another number of rows"
                if not counts.settled:
                    problem += ", perhaps because the target is behind"
                rows = str(counts.source), str(counts.target)
                yield ObjectDifference("view", str(target), problem, *rows)


def _count(side: Side, view: QualifiedName) -> int:
    ((rows,),) = side.rows(f"SELECT count(*) FROM {view.sql}", f"counting the rows of {view}")
    return int(rows)


def _ask(side: Side, name: str, parameters: dict[str, list[str]]) -> list[tuple[object, ...]]:
    with side.session() as conn, typed_errors(side.endpoint, f"reading the {name}"), empty_search_path(conn):
        return conn.execute(query(__package__, name), parameters).fetchall()


def _tables(names: Sequence[QualifiedName]) -> dict[str, list[str]]:
    return {"schemas": [name.schema for name in names], "names": [name.name for name in names]}


def _indexes(side: Side, tables: Sequence[QualifiedName]) -> list[Index]:
    rows = _ask(side, "indexes", _tables(tables))
    return [
        Index(QualifiedName(str(schema), str(table)), str(name), bool(valid), bool(unique), int(str(columns)))
        for schema, table, name, valid, unique, columns in rows
    ]


def _constraints(side: Side, tables: Sequence[QualifiedName]) -> list[Constraint]:
    rows = _ask(side, "constraints", _tables(tables))
    return [
        Constraint(QualifiedName(str(schema), str(table)), str(name), str(kind), bool(validated))
        for schema, table, name, kind, validated in rows
    ]


def _sequences(side: Side, schemas: Sequence[str]) -> list[SequenceFacts]:
    return [
        SequenceFacts(
            QualifiedName(str(schema), str(name)),
            (QualifiedName(str(owner_schema), str(owner)), str(column)) if owner else None,
            str(definition),
            bool(ascending),
            int(str(next_)),
        )
        for schema, name, owner_schema, owner, column, definition, ascending, next_ in _ask(
            side, "sequences", {"schemas": list(schemas)}
        )
    ]


def _views(side: Side, schemas: Sequence[str]) -> list[QualifiedName]:
    return [
        QualifiedName(str(schema), str(name))
        for schema, name in _ask(side, "views", {"schemas": list(schemas)})
    ]
