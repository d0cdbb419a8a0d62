"""Whether a text can be one SQL expression and nothing more, by its tokens; the servers judge the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator

# (PostgreSQL doc: Lexical Structure)
_TOKEN = re.compile(
    r"""
      (?P<comment>--[^\n]*)
    | (?P<string>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')
    | (?P<name>"(?:[^"]|"")*")
    | (?P<dollar>\$(?P<tag>[^\W\d]\w*|)\$.*?\$(?P=tag)\$)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<number>\d[\w.]*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUERIES = {"select", "table", "values", "union", "intersect", "except"}


def refuse_more_than_an_expression(text: str) -> str:
    """Return the text if nothing but an expression can be in it.

    Raises:
        ValueError: a quote or a comment doesn't end, parentheses don't match, or there is a semicolon or a
            query.
    """
    depth = 0
    for match in _tokens(text):
        found = match[0]
        if match.lastgroup == "word" and found.lower() in _QUERIES:
            raise ValueError(f"{found} is not for an expression: a query can't be part of it")
        if found == ";":
            raise ValueError("it holds a semicolon: write one expression")
        if found in {"'", '"'}:
            raise ValueError(f"the quote before {text[match.end() :][:20]!r} doesn't end")
        depth += {"(": 1, ")": -1}.get(found, 0)
        if depth < 0:
            break
    if depth:
        raise ValueError("its parentheses don't match")
    return text


def _tokens(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        if text.startswith("/*", at):
            at = _end_of_comment(text, at)
        elif match := _TOKEN.match(text, at):
            at = match.end()
            yield match


def _end_of_comment(text: str, start: int) -> int:
    """Comments of this form nest."""
    depth = 0
    for mark in re.compile(r"/\*|\*/").finditer(text, start):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    raise ValueError("a comment doesn't end")
