"""CREATE FUNCTION under new names: its head, and a body that the server has parsed; pure.

A body in quotes is the user's own text: see `bodies`.
"""

from __future__ import annotations

from airflow_adbsync.engine.schema.renaming.names import Names
from airflow_adbsync.engine.schema.renaming.rewriting import rewritten
from airflow_adbsync.engine.schema.renaming.tokens import Sort, Token, string, tokens


def head_and_body(sql: str) -> tuple[str, str]:
    """Cut off a body that the server has parsed: ``BEGIN ATOMIC ...`` or ``RETURN ...``."""
    found = tokens(sql)
    for at, token in enumerate(found):
        following = next((other for other in found[at + 1 :] if other.sort is not Sort.SPACE), None)
        atomic = token.text == "BEGIN" and following is not None and following.text == "ATOMIC"
        if atomic or token.text == "RETURN":
            return _joined(found[:at]), _joined(found[at:])
    return sql, ""


def rewritten_function(sql: str, names: Names, quoted: str | None = None) -> str:
    """The same under new names; a body in quotes gives way to ``quoted``, where that is given.

    Raises:
        Unclear: a name may be a column's or an object's.
    """
    head, body = head_and_body(sql)
    if quoted is not None:
        head = _with_body(head, quoted)
    return _with_search_path(rewritten(head, names), names) + rewritten(body, names, query=True)


def quoted_body(sql: str) -> Token | None:
    """The body that stands in quotes, or None."""
    found = tokens(sql)
    at = _place_of_body(found)
    return None if at is None else found[at]


def _place_of_body(found: list[Token]) -> int | None:
    before = ""
    for at, token in enumerate(found):
        if token.string is not None and before == "AS":
            return at
        if token.sort is not Sort.SPACE:
            before = token.text
    return None


def _with_body(sql: str, body: str) -> str:
    found = tokens(sql)
    at = _place_of_body(found)
    if at is None:
        return sql
    tag = found[at].text.partition("$")[2].partition("$")[0]
    delimiter = f"${tag}$"
    dollars = found[at].sort is Sort.DOLLAR and delimiter not in body
    found[at] = Token(Sort.DOLLAR, f"{delimiter}{body}{delimiter}") if dollars else string(body)
    return _joined(found)


def _with_search_path(head: str, names: Names) -> str:
    """SET search_path TO 'schema', 'schema'."""
    found = tokens(head)
    inside = False
    for at, token in enumerate(found):
        if token.name == "search_path" and _before(found, at).text == "SET":
            inside = True
        elif inside and token.string is not None:
            found[at] = string(names.schema(token.string))
        elif inside and token.sort is not Sort.SPACE and token.text not in {"TO", ","}:
            inside = False
    return _joined(found)


def _before(found: list[Token], at: int) -> Token:
    return next((token for token in reversed(found[:at]) if token.sort is not Sort.SPACE), found[0])


def _joined(found: list[Token]) -> str:
    return "".join(token.text for token in found)
