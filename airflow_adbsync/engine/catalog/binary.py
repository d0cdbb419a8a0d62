"""Whether a type's binary form means the same on another server.

Oids of types below 10000 are assigned by hand and the same everywhere (PostgreSQL doc: System Catalog Initial
Data, OID Assignment). The binary forms of arrays and composites carry the oids of what is inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_FIRST_ASSIGNED_OID = 10_000
# Sent as an oid of the source's catalog.
_CATALOG_REFERENCES = frozenset(
    {
        "regclass",
        "regcollation",
        "regconfig",
        "regdatabase",
        "regdictionary",
        "regnamespace",
        "regoper",
        "regoperator",
        "regproc",
        "regprocedure",
        "regrole",
        "regtype",
    }
)
# Their receiving functions refuse the empty value that the sending ones have sent.
_NOT_TAKEN_BACK = frozenset({"tsquery", "int2vector", "oidvector"})


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """What ``pg_type`` says of a type; ``kind`` is typtype.

    ``element`` is an array's element, ``inner`` a domain's base, a range's subtype or a multirange's range,
    ``fields`` a composite's fields; 0 and () where there is none.
    """

    oid: int
    name: str
    kind: str
    transferable: bool = True
    element: int = 0
    inner: int = 0
    fields: tuple[int, ...] = ()

    @property
    def built_in(self) -> bool:
        """Tell whether the oid is the same on every server."""
        return self.oid < _FIRST_ASSIGNED_OID


def is_binary_portable(oid: int, types: Mapping[int, TypeFacts]) -> bool:
    """Decide for one type; a type that is not among ``types`` is not portable."""
    type_ = types.get(oid)
    if type_ is None or not type_.transferable:
        return False
    if type_.element:
        return _portable_inside(type_.element, types)
    if type_.built_in:
        return type_.kind in "brm" and type_.name not in _CATALOG_REFERENCES | _NOT_TAKEN_BACK
    match type_.kind:
        case "d" | "r" | "m":
            return is_binary_portable(type_.inner, types)
        case "c":
            return all(_portable_inside(field, types) for field in type_.fields)
        case kind:
            return kind == "e"


def _portable_inside(oid: int, types: Mapping[int, TypeFacts]) -> bool:
    return oid in types and types[oid].built_in and is_binary_portable(oid, types)
