"""Why an object can't be carried, whatever is selected; pure."""

from __future__ import annotations

from airflow_adbsync.engine.schema.inventory import Item
from airflow_adbsync.engine.schema.kind import Kind
from airflow_adbsync.engine.schema.target import Target

_IN_C = "it is written in C"
_BASE_TYPES = frozenset("bp")
_WITHOUT_FUNCTION = "b"


def obstacle(item: Item, target: Target) -> str:
    """The reason, in what the object is or in what the target is, or nothing."""
    return _of_its_own(item) or _of_the_target(item, target)


def _of_its_own(item: Item) -> str:
    kinds = {
        Kind.FOREIGN_TABLE: "its rows are on another server",
        Kind.TEXT_SEARCH_PARSER: _IN_C,
        Kind.TEXT_SEARCH_TEMPLATE: _IN_C,
    }
    details = {
        (Kind.TABLE, "u"): "it is unlogged: its changes are not in the write-ahead log",
        (Kind.TABLE, "t"): "it is temporary",
        (Kind.FUNCTION, "c"): _IN_C,
        (Kind.PROCEDURE, "c"): _IN_C,
        (Kind.FUNCTION, "internal"): "it is written in internal, the server's own language",
    }
    if item.kind is Kind.TYPE and item.letter in _BASE_TYPES:
        return "it is a base type, written in C"
    return kinds.get(item.kind) or details.get((item.kind, item.detail)) or ""


def _of_the_target(item: Item, target: Target) -> str:
    match item.kind:
        case Kind.FUNCTION | Kind.PROCEDURE if item.detail not in target.languages:
            return f"it is written in {item.detail}, a language that the target lacks"
        case Kind.OPERATOR_CLASS | Kind.OPERATOR_FAMILY if not target.superuser:
            return "only a superuser may make it, and the target's account is none"
        case Kind.CAST if item.detail == _WITHOUT_FUNCTION and not target.superuser:
            return "it has no function, so only a superuser may make it, and the target's account is none"
        case Kind.POLICY if missing := sorted(set(item.roles) - target.roles):
            return f"the target has no role {missing[0]}"
        case _:
            return ""
