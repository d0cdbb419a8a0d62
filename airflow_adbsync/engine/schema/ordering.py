"""Ties statements to one another by what they make and need, and puts them in order; pure."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.schema.definitions import Dependencies
from airflow_adbsync.engine.schema.identity import ObjectId
from airflow_adbsync.engine.schema.statement import Draft, Section, Statement


@dataclass(frozen=True, slots=True)
class Ordered:
    """Statements in an order in which each finds what it needs; ``knotted`` need each other in a circle."""

    statements: tuple[Statement, ...]
    knotted: frozenset[str] = frozenset()


def tie(drafts: Sequence[Draft], dependencies: Dependencies) -> tuple[Statement, ...]:
    """Turn drafts into statements that know each other by name.

    What no draft makes (the system's, an extension's) counts as there.
    """
    maker = {made: draft.object for draft in drafts for made in draft.makes}
    schemas = {draft.home: draft.object for draft in drafts if draft.section is Section.SCHEMA}

    def made_by(object_: ObjectId) -> str | None:
        seen: set[ObjectId] = set()
        while object_ not in maker:
            seen.add(object_)
            whole = dependencies.part_of.get(object_)
            if whole is None or whole in seen:
                return None
            object_ = whole
        return maker[object_]

    needs: dict[str, set[str]] = defaultdict(set)
    for dependent, needed in dependencies.needs:
        first, second = made_by(dependent), made_by(needed)
        if first and second:
            needs[first].add(second)
    for draft in drafts:
        needs[draft.object].update(found for needed in draft.needs if (found := made_by(needed)))
        if draft.home in schemas:
            needs[draft.object].add(schemas[draft.home])
    return tuple(
        Statement(
            draft.object,
            draft.section,
            draft.sql,
            frozenset(needs[draft.object] - {draft.object}),
            draft.reads,
        )
        for draft in drafts
    )


def order(statements: Iterable[Statement]) -> Ordered:
    """Sort so that what is needed comes first, and otherwise by section and name."""
    by_object = {statement.object: statement for statement in statements}
    waiting_for = {name: set(item.needs) & by_object.keys() for name, item in by_object.items()}
    needed_by: dict[str, list[str]] = defaultdict(list)
    for name, needs in waiting_for.items():
        for needed in needs:
            needed_by[needed].append(name)
    ready = [(item.section, name) for name, item in by_object.items() if not waiting_for[name]]
    heapq.heapify(ready)
    done: list[Statement] = []
    while ready:
        _, name = heapq.heappop(ready)
        done.append(by_object[name])
        for other in needed_by[name]:
            waiting_for[other].discard(name)
            if not waiting_for[other]:
                heapq.heappush(ready, (by_object[other].section, other))
    knotted = by_object.keys() - {item.object for item in done}
    rest = sorted((by_object[name] for name in knotted), key=lambda item: (item.section, item.object))
    return Ordered((*done, *rest), frozenset(knotted))


def before_data(statements: Sequence[Statement]) -> frozenset[str]:
    """The objects that are made before the rows come.

    These are the tables, all that they need, and whatever else needs nothing that comes after the rows: more
    functions than the catalog asks for, because a function's body may call others.
    """
    by_object = {item.object: item for item in statements}
    tables = {item.object for item in statements if Section.TABLE <= item.section <= Section.OWNERSHIP}
    early = _with_needs(tables, by_object)
    for item in statements:
        if item.section.before_data and all(name in early for name in item.needs if name in by_object):
            early.add(item.object)
    return frozenset(early)


def _with_needs(objects: Collection[str], by_object: dict[str, Statement]) -> set[str]:
    found, waiting = set(objects), list(objects)
    while waiting:
        needs = by_object[waiting.pop()].needs
        more = [name for name in needs if name in by_object and name not in found]
        found.update(more)
        waiting.extend(more)
    return found
