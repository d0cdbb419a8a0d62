"""Turns what can't be carried into findings, one for each kind; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from airflow_adbsync.engine.config import Objects, SchemaOptions
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Finding, QualifiedName, Status
from airflow_adbsync.engine.schema.belonging import Belonging
from airflow_adbsync.engine.schema.flattening import Part, lost_parts
from airflow_adbsync.engine.schema.identity import ObjectId, relation
from airflow_adbsync.engine.schema.inventory import Inventory, Item
from airflow_adbsync.engine.schema.kind import Kind
from airflow_adbsync.engine.schema.obstacles import obstacle
from airflow_adbsync.engine.schema.target import Target

_CHECK = "unsupported_objects"
_SHOWN = 10
_NAMED_IN_FULL = frozenset({"SECURITY DEFINER function", "function with an SQL body"})
_BY_HAND = "Create what is needed of it on the target by hand"
_NEWER = "Use a target of PostgreSQL 18 or newer for it, or do without it"
_STOPS = "can't be made on the target, which is older: the schema phase stops there"
_REMEDIES = {
    "foreign key": "Select the tables that they refer to, or do without them on the target.",
    "unvalidated NOT NULL": "Validate them on the source first, or add them on the target by hand.",
    "unenforced constraint": f"{_NEWER}: it does not keep any row out.",
    "temporal constraint": f"{_NEWER}, or exclude the table.",
    "virtual generated column": f"{_NEWER}: a stored one has the same values.",
    "NULLS NOT DISTINCT key": "Use a target of PostgreSQL 15 or newer, or exclude the table.",
    "multirange column": "Use a target of PostgreSQL 14 or newer, or exclude the table.",
    "function with an SQL body": "Write its body as a string on the source: AS $$ ... $$.",
    "access method": "Have the access method on the target first, or do with the target's own.",
    "event trigger": "Create them on the target after the cut-over; a superuser may.",
    "privileges": "GRANT them on the target before the cut-over, or say `schema: {grants: true}`.",
    "SECURITY DEFINER function": "ALTER FUNCTION ... OWNER TO the role whose rights they are to have.",
}
_WORDS = {
    "foreign key": "refer to a table outside of the selection and are not carried",
    "virtual generated column": "will be stored ones, for the target knows no virtual ones",
    "NULLS NOT DISTINCT key": _STOPS,
    "multirange column": _STOPS,
    "function with an SQL body": _STOPS,
    "access method": "are not on the target: the tables get the target's own",
    "SECURITY DEFINER function": "will run with the rights of the target's account, which owns them there",
}


@dataclass(frozen=True, slots=True)
class Beside:
    """Something that is not carried; ``table`` is what it is about, ``other`` what it points to, or 0."""

    kind: str
    schema: str
    name: str
    table: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is configured, and where it is to go."""

    objects: Objects
    target: Target
    options: SchemaOptions


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies beside the objects of the inventory; ``left_out`` are parts of tables, with the reasons."""

    beside: tuple[Beside, ...] = ()
    extension_uses: tuple[tuple[str, ObjectId], ...] = ()
    partition_parts: tuple[Part, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    large_objects: bool = False


def assess(
    inventory: Inventory, chosen: Belonging, surroundings: Surroundings, wishes: Wishes
) -> tuple[Finding, ...]:
    """All findings, each an alert."""
    beside = [item for item in surroundings.beside if _matters(item, wishes)]
    return (
        *_left_out(chosen),
        *_parts(surroundings.left_out),
        *_tables(inventory, wishes),
        *_beside(inventory, chosen, beside, wishes.objects),
        *_inheritance(inventory, chosen),
        *_partitions(inventory, chosen, surroundings.partition_parts),
        *_extensions(inventory, chosen, surroundings.extension_uses),
        *_large_objects(present=surroundings.large_objects),
    )


def _matters(item: Beside, wishes: Wishes) -> bool:
    target = wishes.target
    if item.kind == "access method":
        return item.name not in target.access_methods
    if item.kind == "privileges":
        return not wishes.options.grants or item.name not in target.roles
    return not {
        "unvalidated NOT NULL": target.can.not_null_constraints,
        "unenforced constraint": target.can.unenforced_constraints,
        "temporal constraint": target.can.temporal_keys,
        "virtual generated column": target.can.virtual_generated_columns,
        "NULLS NOT DISTINCT key": target.can.nulls_not_distinct,
        "multirange column": target.can.multiranges,
        "function with an SQL body": target.can.sql_function_bodies,
    }.get(item.kind)


def _left_out(chosen: Belonging) -> Iterator[Finding]:
    for left in chosen.left_out:
        yield _alert(str(left.item), f"{left.item} is not carried: {left.reason}.", f"{_BY_HAND}.")
    for left in chosen.in_doubt:
        yield _alert(
            str(left.item),
            f"{left.item} may not be made: {left.reason}.",
            f"{_BY_HAND} before the schema phase, or exclude the table.",
        )


def _parts(left_out: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    for label, reason in left_out:
        yield _alert(label, f"{label} is not carried: {reason}.", "Carry the column too, or acknowledge it.")


def refused(error: ConfigError) -> Finding:
    """What is configured can't be."""
    return Finding(_CHECK, Status.FAILED, error.what, error.remedy, "configuration")


def _tables(inventory: Inventory, wishes: Wishes) -> Iterator[Finding]:
    objects = wishes.objects
    excluded = set(objects.excluded_names)
    for item in inventory.items.values():
        if (
            item.kind in {Kind.TABLE, Kind.FOREIGN_TABLE}
            and item.name.schema in objects.schemas
            and item.name not in excluded
            and (reason := obstacle(item, wishes.target))
        ):
            yield _alert(
                str(item),
                f"{item} is not carried: {reason}.",
                "Exclude it, or copy it by hand if needed.",
            )


def _beside(
    inventory: Inventory, chosen: Belonging, beside: Iterable[Beside], objects: Objects
) -> Iterator[Finding]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for item in beside:
        table = inventory.items.get(relation(item.table))
        inside = relation(item.table) in chosen.members if item.table else item.schema in objects.schemas
        wanted = item.kind != "foreign key" or relation(item.other) not in chosen.members
        if inside and wanted:
            by_kind[item.kind].append(_called(item, table))
    for kind, names in sorted(by_kind.items()):
        plural = _plural(kind)
        yield _alert(
            plural,
            f"{plural} {_WORDS.get(kind, 'are not carried')}: {_listed(sorted(names))}.",
            _REMEDIES.get(kind, f"{_BY_HAND} before the schema phase."),
        )


def _inheritance(inventory: Inventory, chosen: Belonging) -> Iterator[Finding]:
    for child, parents in inventory.parents.items():
        for oid in parents:
            parent, item = inventory.table(oid), inventory.table(child)
            if parent is None or item is None:
                continue
            if item.id in chosen.members and parent.id not in chosen.members:
                yield _alert(
                    str(item),
                    f"{item} inherits from {parent.name}, which is not selected: it will stand alone.",
                    f"Select {parent.name} too.",
                )
            elif parent.id in chosen.members and item.id not in chosen.members and not item.partition:
                yield _alert(
                    str(parent),
                    f"{parent} is inherited by {item.name}, which is not selected: its rows will not be seen "
                    "through the parent.",
                    f"Select {item.name} too.",
                )


def _partitions(inventory: Inventory, chosen: Belonging, parts: Iterable[Part]) -> Iterator[Finding]:
    lost: dict[tuple[QualifiedName, bool], list[str]] = defaultdict(list)
    for root, part, called in lost_parts(inventory, chosen, parts):
        lost[root, part.changes_values].append(called)
    for (root, changes_values), names in lost.items():
        if changes_values:
            found = f"its values follow the root's expression, not that of {_listed(names)}"
            remedy = "Say `schema: {partitions: keep}`, or acknowledge that the values will differ."
        else:
            found = f"what its partitions have of their own is not carried: {_listed(names)}"
            remedy = f"Say `schema: {{partitions: keep}}`, or make what is needed of it on {root}."
        yield _alert(f"table {root}", f"Table {root} becomes a plain one: {found}.", remedy)


def _extensions(
    inventory: Inventory, chosen: Belonging, uses: Iterable[tuple[str, ObjectId]]
) -> Iterator[Finding]:
    users: Mapping[str, set[str]] = defaultdict(set)
    for extension, user in uses:
        whole = inventory.dependencies.whole(user)
        if whole in chosen.members:
            users[extension].add(str(inventory.items[whole]))
    for extension, names in sorted(users.items()):
        yield _alert(
            f"extension {extension}",
            f"The extension {extension} is not carried, and is used by {_listed(sorted(names))}.",
            f'Have it on the target first, in the same schema: CREATE EXTENSION "{extension}".',
        )


def _large_objects(*, present: bool) -> Iterator[Finding]:
    if present:
        yield _alert(
            "large objects",
            "Large objects are not carried: logical replication does not know them.",
            "Keep them in bytea columns, or copy them by hand at the cut-over.",
        )


def _called(item: Beside, table: Item | None) -> str:
    if item.kind == "privileges" and table:
        return f"those of {item.name} on {table.name}"
    if table:
        return f"{item.name} on {table.name}"
    return item.name if item.kind in _NAMED_IN_FULL else str(QualifiedName(item.schema, item.name))


def _plural(kind: str) -> str:
    if kind.startswith("function "):
        return kind.replace("function", "functions", 1)
    if kind.endswith("y") and not kind.endswith("ey"):
        return kind.removesuffix("y") + "ies"
    return f"{kind}es" if kind.endswith("ss") else f"{kind.removesuffix('s')}s"


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _alert(subject: str, found: str, remedy: str) -> Finding:
    return Finding(_CHECK, Status.ALERT, found[0].upper() + found[1:], remedy, subject)
