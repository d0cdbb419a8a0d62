"""How the parts of this phase name an object: by its place in the source's catalog."""

from __future__ import annotations

from typing import NamedTuple


class ObjectId(NamedTuple):
    """A system catalog, and the oid of a row in it; pg_depend's way to point at things."""

    catalog: str
    oid: int


def relation(oid: int) -> ObjectId:
    """A row of pg_class."""
    return ObjectId("pg_class", oid)


def type_(oid: int) -> ObjectId:
    """A row of pg_type."""
    return ObjectId("pg_type", oid)


def function(oid: int) -> ObjectId:
    """A row of pg_proc."""
    return ObjectId("pg_proc", oid)


def constraint(oid: int) -> ObjectId:
    """A row of pg_constraint."""
    return ObjectId("pg_constraint", oid)


def default(oid: int) -> ObjectId:
    """A row of pg_attrdef."""
    return ObjectId("pg_attrdef", oid)
