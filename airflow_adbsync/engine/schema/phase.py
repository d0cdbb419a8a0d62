"""The schema phase: before the rows, after them, and once both sides agree."""

from __future__ import annotations

import gc
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import empty_search_path
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import SyncUnknown
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.applying import Applied, apply, refresh
from airflow_adbsync.engine.schema.drawing import Drawn, draw
from airflow_adbsync.engine.schema.keeping import Kept, find_kept
from airflow_adbsync.engine.schema.outcome import Failure, SchemaResult, raise_on
from airflow_adbsync.engine.schema.planning import Plan, after_its_table, plan
from airflow_adbsync.engine.schema.statement import Section, Statement
from airflow_adbsync.engine.schema.surveying import survey
from airflow_adbsync.engine.schema.target import Target
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)


def create(sync: Sync) -> SchemaResult:
    """Make what the load needs: schemas, types, sequences, functions, tables with their checks.

    Safe to run again, and to kill: each statement and the note that it has run are one transaction.

    Raises:
        ConfigError: tables that are to be kept don't fit, or hold rows; nothing has run.
        StatementFailed: the target refused statements; the rest has run.
    """
    with connect(sync.target) as target, typed_errors(sync.target, "creating the control schema"):
        state.ensure(target)
    with _alone(sync), state.phases.running(sync.target, sync.sync_id, "schema"):
        made, drawn, kept = _plan(sync)
        _note_kept(sync, kept)
        applied = _apply(sync, made.before)
        raise_on(applied.failures)
        _note_builds(sync, made)
        return _result(applied, made.before, drawn)


def finish(sync: Sync) -> SchemaResult:
    """Make the rest: keys, indexes, views, remaining functions, foreign keys.

    A foreign key that does not hold yet, because its tables were read at different moments, is left for
    `validate`; new rows are checked by it all the same.

    Raises:
        StatementFailed: the target refused statements; the rest has run.
    """
    with _alone(sync), state.phases.running(sync.target, sync.sync_id, "finish_schema"):
        made, drawn, _ = _plan(sync)
        applied = _apply(sync, made.after)
        validated = _apply(sync, made.validations)
        waiting = _postponed(validated.failures)
        raise_on([*applied.failures, *(item for item in validated.failures if item.object not in waiting)])
        both = Applied(
            applied.done | validated.done,
            applied.ran + validated.ran,
            changed=(*applied.changed, *validated.changed),
        )
        return _result(both, (*made.after, *made.validations), drawn, waiting)


def validate(sync: Sync) -> SchemaResult:
    """Do what had to wait until replication caught up: validate foreign keys, refresh materialized views.

    Raises:
        StatementFailed: rows of the target still lack what they refer to, or a view could not be refreshed.
    """
    with _alone(sync):
        made, drawn, _ = _plan(sync)
        applied = _apply(sync, made.validations)
        raise_on([*applied.failures, *refresh(sync.target, made.refreshes)])
        return _result(applied, made.validations, drawn)


def activate(sync: Sync) -> SchemaResult:
    """Switch on at the cut-over what must not act before it: triggers and rules, forced row security.

    Raises:
        SyncUnknown: the sync made nothing on this target, or has been released.
        StatementFailed: the target refused statements; the rest has run.
    """
    with _alone(sync), state.phases.running(sync.target, sync.sync_id, "activate"):
        _require_made(sync)
        made, drawn, _ = _plan(sync)
        applied = _apply(sync, made.activations)
        raise_on(applied.failures)
        return _result(applied, made.activations, drawn)


def _require_made(sync: Sync) -> None:
    with connect(sync.target) as target, typed_errors(sync.target, "reading what was made"):
        made = state.statements.done(target, sync.sync_id)
    if not made:
        raise SyncUnknown(
            f"Sync {sync.sync_id!r} has made nothing on this target, or was released.",
            remedy="Run the schema phases first; a released sync has nothing left to switch on.",
        )


def _note_kept(sync: Sync, kept: Kept | None) -> None:
    """The load will not empty them unasked."""
    with connect(sync.target) as target, typed_errors(sync.target, "noting which tables are kept"):
        state.kept_tables.note(target, sync.sync_id, kept.tables if kept else ())
    for finding in kept.findings() if kept else ():
        _LOG.log(logging.WARNING if finding.remedy else logging.INFO, "%s", finding.found)


def _note_builds(sync: Sync, made: Plan) -> None:
    """The load builds them while other tables are still copied."""
    builds = [
        state.builds.Build(item.object, item.reads, item.section is Section.KEY, item.sql)
        for item in after_its_table(made)
        if item.reads is not None
    ]
    with connect(sync.target) as target, typed_errors(sync.target, "noting keys and indexes"):
        state.builds.plan(target, sync.sync_id, builds)


def _apply(sync: Sync, statements: Sequence[Statement]) -> Applied:
    return apply(sync, statements)


@contextmanager
def _alone(sync: Sync) -> Iterator[None]:
    """Two runs at once would each take the other's objects for strangers."""
    with connect(sync.target, autocommit=True) as target:
        with typed_errors(sync.target, "waiting for another run of this sync's setup"):
            state.ownership.hold_setup(target, sync.sync_id)
        yield


@contextmanager
def _without_collecting() -> Iterator[None]:
    """For objects by the hundred thousand that all stay, looking for garbage takes as long as making them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_without_collecting()
def _plan(sync: Sync) -> tuple[Plan, Drawn, Kept | None]:
    with connect(sync.target) as target, typed_errors(sync.target, "reading what is there"):
        enlisted = state.relations.read(target, sync.sync_id)
        there = _before(survey(target), state.statements.done(target, sync.sync_id))
    with connect(sync.source) as source, typed_errors(sync.source, "reading the schema"):
        source.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _read(source, sync, enlisted, there)


def _before(target: Target, done: Collection[str]) -> Target:
    """As it was before this sync made schemas: comments go with a schema that the sync has made."""
    schemas = frozenset(name for name in target.schemas if f"schema {name}" not in done)
    return replace(target, schemas=schemas)


def _read(
    source: Connection,
    sync: Sync,
    enlisted: Iterable[QualifiedName],
    target: Target,
) -> tuple[Plan, Drawn, Kept | None]:
    with empty_search_path(source):
        drawn = draw(source, sync.config, target, enlisted)
    with connect(sync.target) as conn, typed_errors(sync.target, "reading what is there"):
        kept = find_kept(conn, sync.config, drawn, target)
    if kept is not None:
        kept.raise_if_refused()
        drawn = kept.drawn
    drawn.placements.raise_if_refused()
    options, dependencies = sync.config.schema_options, drawn.inventory.dependencies
    made = plan(drawn.definitions, dependencies, target, options, drawn.placements, renaming=drawn.renaming)
    return kept.trimmed(made) if kept else made, drawn, kept


def _postponed(failures: Iterable[Failure]) -> tuple[str, ...]:
    return tuple(failure.object for failure in failures if failure.may_pass)


def _result(
    applied: Applied, statements: Sequence[Statement], drawn: Drawn, postponed: tuple[str, ...] = ()
) -> SchemaResult:
    for name in applied.changed:
        _LOG.warning(
            "%s was made by an earlier run, and is defined otherwise by now. It is left as it is; change it "
            "on the target by hand.",
            name,
        )
    already = sum(item.object in applied.done for item in statements) - applied.ran
    return SchemaResult(
        ran=applied.ran,
        already=already,
        postponed=postponed,
        left_out=tuple(f"{label}: {reason}" for label, reason in drawn.left_out),
        changed=applied.changed,
    )
