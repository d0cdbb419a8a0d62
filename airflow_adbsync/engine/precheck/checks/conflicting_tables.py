"""No table of the target is in the way: a sync empties its tables before it fills them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from airflow_adbsync.engine import state
from airflow_adbsync.engine.config import Existing
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.model import Finding, QualifiedName, Status
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted, for_a_statement, listed
from airflow_adbsync.engine.schema import existing_findings

NAME = "conflicting_tables"
_KINDS = {
    "r": "TABLE",
    "p": "TABLE",
    "v": "VIEW",
    "m": "MATERIALIZED VIEW",
    "f": "FOREIGN TABLE",
    "S": "SEQUENCE",
}


def assess(taken: Sequence[tuple[QualifiedName, str]], own: Collection[QualifiedName]) -> Finding:
    """``taken``: names that exist on the target, with their relkind; ``own``: this sync's tables."""
    conflicts = [(name, kind) for name, kind in taken if name not in own]
    if not conflicts:
        own_ones = f"{counted(len(taken), 'table')} there already, of this sync."
        return passed(NAME, own_ones if taken else "None of the tables is there yet.", subject="target")
    named, more = for_a_statement(conflicts)
    drops = " ".join(f"DROP {_KINDS.get(kind, 'TABLE')} {name.sql};" for name, kind in named)
    return failed(
        NAME,
        f"{len(conflicts)} names are taken by tables that are not this sync's: "
        f"{listed(name for name, _ in conflicts)}.",
        "Rename them, exclude them, keep them by `schema: {existing: ignore}`, or, if nobody needs them: "
        f"{drops}{more}",
        subject="target",
    )


def _kept(context: Context) -> Iterator[Finding]:
    """Where existing tables are kept: which of them can't be, and what of the others differs."""
    with typed_errors(context.target.endpoint, "reading what is there"):
        found = existing_findings(context.source.connection, context.target.connection, context.sync.config)
    yield from found or (passed(NAME, "What is there already can be kept.", subject="target"),)


def _look(context: Context) -> Iterator[Finding]:
    if context.sync.config.schema_options.existing is Existing.IGNORE:
        yield from _kept(context)
        return
    names = context.target_names
    rows = context.target.rows(
        "conflicting_tables", schemas=[name.schema for name in names], names=[name.name for name in names]
    )
    own: Collection[QualifiedName] = ()
    if context.record is not None:
        shapes = context.sync.shapes
        with typed_errors(context.target.endpoint, "reading the control schema"):
            had = state.relations.read(context.target.connection, context.sync.sync_id)
        own = {shapes.table(name) for name in had}
    yield assess([(QualifiedName(schema, name), kind) for schema, name, kind in rows], own)


CHECK = Check(NAME, _look, hands_on=(Status.FAILED, Status.ALERT))
