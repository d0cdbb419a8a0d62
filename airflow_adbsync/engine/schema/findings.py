"""Turns what can't be carried into findings, one for each kind; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from airflow_adbsync.engine.config import Objects
from airflow_adbsync.engine.model import Finding, QualifiedName, Status
from airflow_adbsync.engine.schema.belonging import Belonging
from airflow_adbsync.engine.schema.identity import ObjectId, relation
from airflow_adbsync.engine.schema.inventory import Inventory, Item, Kind

_CHECK = "unsupported_objects"
_SHOWN = 10
_NAMED_IN_FULL = frozenset({"cast", "operator", "SECURITY DEFINER function"})
_BY_HAND = "Create what is needed of it on the target by hand"
_AFTER_CUT_OVER = (
    "Create them on the target after the cut-over; before it they would act on changes a second time."
)
_REMEDIES = {
    "trigger": _AFTER_CUT_OVER,
    "rule": _AFTER_CUT_OVER,
    "row security policy": "Create them on the target after the cut-over.",
    "foreign key": "Select the tables that they refer to, or do without them on the target.",
    "unvalidated NOT NULL": "Validate them on the source first, or add them on the target by hand.",
    "extended statistics": "Create them on the target after the load, then ANALYZE.",
    "privileges": "GRANT them on the target before the cut-over.",
    "SECURITY DEFINER function": "ALTER FUNCTION ... OWNER TO the role whose rights they are to have.",
}
_WORDS = {
    "foreign key": "refer to a table outside of the selection and are not carried",
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
class Surroundings:
    """What lies beside the objects of the inventory."""

    beside: tuple[Beside, ...] = ()
    extension_uses: tuple[tuple[str, ObjectId], ...] = ()
    large_objects: bool = False


def assess(
    inventory: Inventory, chosen: Belonging, surroundings: Surroundings, objects: Objects
) -> tuple[Finding, ...]:
    """All findings, each an alert."""
    return (
        *_left_out(chosen),
        *_tables(inventory, objects),
        *_beside(inventory, chosen, surroundings.beside, objects),
        *_inheritance(inventory, chosen),
        *_extensions(inventory, chosen, surroundings.extension_uses),
        *_materialized(inventory, chosen),
        *_large_objects(present=surroundings.large_objects),
    )


def _left_out(chosen: Belonging) -> Iterator[Finding]:
    for left in chosen.left_out:
        yield _alert(str(left.item), f"{left.item} is not carried: {left.reason}.", f"{_BY_HAND}.")
    for left in chosen.in_doubt:
        yield _alert(
            str(left.item),
            f"{left.item} may not be made: {left.reason}.",
            f"{_BY_HAND} before the schema phase, or exclude the table.",
        )


def _tables(inventory: Inventory, objects: Objects) -> Iterator[Finding]:
    excluded = set(objects.excluded_names)
    for item in inventory.items.values():
        if (
            item.kind in {Kind.TABLE, Kind.FOREIGN_TABLE}
            and item.name.schema in objects.schemas
            and item.name not in excluded
            and item.obstacle
        ):
            yield _alert(
                str(item),
                f"{item} is not carried: {item.obstacle}.",
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
            elif parent.id in chosen.members and item.id not in chosen.members:
                yield _alert(
                    str(parent),
                    f"{parent} is inherited by {item.name}, which is not selected: its rows will not be seen "
                    "through the parent.",
                    f"Select {item.name} too.",
                )


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


def _materialized(inventory: Inventory, chosen: Belonging) -> Iterator[Finding]:
    names = [
        str(item.name)
        for item in inventory.items.values()
        if item.kind is Kind.MATERIALIZED_VIEW and item.id in chosen.members
    ]
    if names:
        yield _alert(
            "materialized views",
            f"Materialized views are filled once, from what has been loaded: {_listed(names)}.",
            "REFRESH MATERIALIZED VIEW on the target at the cut-over.",
        )


def _large_objects(*, present: bool) -> Iterator[Finding]:
    if present:
        yield _alert(
            "large objects",
            "Large objects are not carried: logical replication does not know them.",
            "Keep them in bytea columns, or copy them by hand at the cut-over.",
        )


def _called(item: Beside, table: Item | None) -> str:
    if table:
        return f"{item.name} on {table.name}"
    return item.name if item.kind in _NAMED_IN_FULL else str(QualifiedName(item.schema, item.name))


def _plural(kind: str) -> str:
    if kind.endswith("y") and not kind.endswith("ey"):
        return kind.removesuffix("y") + "ies"
    return f"{kind}es" if kind.endswith("ss") else f"{kind.removesuffix('s')}s"


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _alert(subject: str, found: str, remedy: str) -> Finding:
    return Finding(_CHECK, Status.ALERT, found[0].upper() + found[1:], remedy, subject)
