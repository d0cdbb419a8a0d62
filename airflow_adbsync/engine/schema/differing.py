"""What kept tables, and other objects that are there already, lack of the source's; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from airflow_adbsync.engine.model import Finding, QualifiedName, Status
from airflow_adbsync.engine.schema.definitions import Definitions, Dependencies, TableDefinition
from airflow_adbsync.engine.schema.existing import CHECK, Keeping, There
from airflow_adbsync.engine.schema.flattening import flattened
from airflow_adbsync.engine.schema.planning import Plan, plan
from airflow_adbsync.engine.schema.statement import Section, Statement
from airflow_adbsync.engine.schema.target import Target

# What says nothing about which rows a table holds or takes.
_NOT_COMPARED = {Section.COMMENT, Section.GRANT, Section.VALIDATION, Section.ACTIVATION, Section.TABLE}
# What goes with an object that is not made, because it is there.
_GOES_ALONG = {Section.OWNERSHIP, Section.VIEW_SETTING, Section.COMMENT, Section.GRANT}
_BEFORE_A_TABLE = re.compile(" (?:of|on) ")
_SHOWN = 10


def differences(keeping: Keeping, there: There, target: Target) -> Iterator[Finding]:
    """One finding for each kept table that is not as the source's: what it lacks, or has otherwise."""
    pairs = [pair for pair in keeping.pairs if pair[0].name not in keeping.renamed]
    ours, theirs = (tuple(pair[side] for pair in pairs) for side in (0, 1))
    firing = replace(keeping.definitions, firing=keeping.kept_firing)
    here = _on_tables(_only(ours, firing), target)
    known = _on_tables(_only(theirs, there.definitions), target)
    for name in keeping.renamed:
        yield _said(name, ["it has other names there, so its indexes, keys and defaults were not compared"])
    for table, other in pairs:
        found = [
            *_columns(table, other),
            *_checks(table, other),
            *_objects(here.get(table.name, {}), known.get(other.name, {})),
        ]
        if found:
            yield _said(table.name, found)


def _said(name: QualifiedName, found: Sequence[str]) -> Finding:
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return Finding(
        CHECK,
        Status.ALERT,
        f"Table {name} is kept on the target as it is, and differs from the source's: "
        f"{'; '.join(found[:_SHOWN])}{more}.",
        "Make it alike by hand where that matters, and acknowledge the rest.",
        str(name),
    )


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A plan without what is there already, and what of that is not the source's."""

    plan: Plan
    findings: tuple[Finding, ...]


def trim(made: Plan, there: There, target: Target, done: Collection[str]) -> Trimmed:
    """Leave out of a plan what the target has; what this sync has made itself (``done``) stays in it."""
    known = _statements(there.definitions, target)
    every = (*made.before, *made.after, *made.validations, *made.activations)
    gone = {
        item.object
        for item in every
        if item.object in known and item.object not in done and item.section is not Section.TABLE
    }
    gone |= {item.object for item in every if item.section in _GOES_ALONG and item.needs & gone}
    other = sorted(
        item.object for item in every if item.object in gone and known.get(item.object, item.sql) != item.sql
    )
    before, after, validations, activations = (
        tuple(item for item in part if item.object not in gone) for part in _parts(made)
    )
    left = Plan(before, after, validations, activations, made.refreshes)
    return Trimmed(left, tuple(map(_otherwise, other)))


def _parts(made: Plan) -> tuple[tuple[Statement, ...], ...]:
    return made.before, made.after, made.validations, made.activations


def _otherwise(name: str) -> Finding:
    return Finding(
        CHECK,
        Status.ALERT,
        f"{name[0].upper()}{name[1:]} is on the target already and is kept; it is not the source's.",
        "Make it alike by hand where that matters, or drop it before the schema phase.",
        name,
    )


def _statements(definitions: Definitions, target: Target) -> Mapping[str, str]:
    made = plan(definitions, Dependencies(), target)
    return {
        item.object: item.sql for part in _parts(made) for item in part if item.section not in _NOT_COMPARED
    }


def _on_tables(definitions: Definitions, target: Target) -> dict[QualifiedName, dict[str, str]]:
    """Statements on the tables, by the table: of indexes it is known, other objects end with its name."""
    names = {str(table.name): table.name for table in definitions.tables}
    found: dict[QualifiedName, dict[str, str]] = defaultdict(dict)
    made = plan(definitions, Dependencies(), target)
    for item in (item for part in _parts(made) for item in part if item.section not in _NOT_COMPARED):
        ends = (names.get(item.object[word.end() :]) for word in _BEFORE_A_TABLE.finditer(item.object))
        table = item.reads or next((name for name in ends if name), None)
        if table:
            found[table][item.object] = item.sql
    return found


def _only(tables: Sequence[TableDefinition], definitions: Definitions) -> Definitions:
    names = {table.name for table in tables}
    others = tuple(item for item in (*definitions.tables, *definitions.kept) if item.name not in names)
    firing = tuple(item for item in definitions.firing if item.table in names)
    return flattened(Definitions(tables=tuple(tables), kept=others, firing=firing))


def _columns(ours: TableDefinition, theirs: TableDefinition) -> Iterator[str]:
    for column in ours.columns:
        other = theirs.column(column.name)
        if other is None:
            continue
        for what in ("default", "identity", "collation"):
            if getattr(column, what) != getattr(other, what):
                yield f"the {what} of column {column.name} is not the same"
        if column.not_null and not other.not_null:
            yield f"column {column.name} takes NULL"


def _checks(ours: TableDefinition, theirs: TableDefinition) -> Iterator[str]:
    here = {item.name: item.definition for item in ours.constraints if item.kind == "c"}
    known = {item.name: item.definition for item in theirs.constraints if item.kind == "c"}
    for name in sorted(here.keys() | known.keys()):
        if name not in known:
            yield f"check {name} is missing"
        elif name not in here:
            yield f"check {name} is only there"
        elif here[name] != known[name]:
            yield f"check {name} is not the same"


def _objects(wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield f"{name} is missing"
        elif name not in wanted:
            yield f"{name} is only there"
        elif wanted[name] != found[name]:
            yield f"{name} is not the same"
