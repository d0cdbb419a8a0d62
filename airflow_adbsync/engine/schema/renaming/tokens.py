"""SQL cut into its tokens, nothing lost (PostgreSQL doc: Lexical Structure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.schema.ddl.text import literal

# Bytes above ASCII are letters to PostgreSQL, whatever Unicode calls them.
_LETTER = r"[A-Za-z_\u0080-\U0010ffff]"
_TOKEN = re.compile(
    rf"""
      (?P<space>\s+|--[^\n]*|/\*.*?\*/)
    | (?P<escaped>[eE]'(?:[^'\\]|''|\\.)*')
    | (?P<string>(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')
    | \$(?P<tag>(?:{_LETTER}[A-Za-z0-9_\u0080-\U0010ffff]*)?)\$(?P<dollar>.*?)\$(?P=tag)\$
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<word>{_LETTER}[A-Za-z0-9_$\u0080-\U0010ffff]*)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    | (?P<operator>(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])+)
    | (?P<other>::|.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Sort(Enum):
    """What a token is; comments count as space."""

    SPACE = "space"
    STRING = "string"
    ESCAPED = "escaped"
    DOLLAR = "dollar"
    QUOTED = "quoted"
    WORD = "word"
    NUMBER = "number"
    OPERATOR = "operator"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text, as it is written there."""

    sort: Sort
    text: str

    @property
    def identifier(self) -> str | None:
        """The name that it is, folded as SQL folds it, or None. A keyword is one too."""
        if self.sort is Sort.QUOTED:
            return self.text[1:-1].replace('""', '"')
        return self.text.lower() if self.sort is Sort.WORD else None

    @property
    def name(self) -> str | None:
        """The name that it is in text which the server wrote: there, keywords are in capitals."""
        if self.sort is Sort.WORD and self.text != self.text.lower():
            return None
        return self.identifier

    @property
    def string(self) -> str | None:
        """What a string says, or None: also for one that is written in an uncommon way."""
        match self.sort:
            case Sort.STRING if self.text.startswith("'"):
                return self.text[1:-1].replace("''", "'")
            case Sort.ESCAPED if re.fullmatch(r"(?:[^\\]|\\[\\'])*", self.text):
                return re.sub(r"\\(.)|''", lambda found: found[1] or "'", self.text[2:-1])
            case Sort.DOLLAR:
                return _TOKEN.fullmatch(self.text)["dollar"]  # type: ignore[index]
            case _:
                return None


def tokens(sql: str) -> list[Token]:
    """Cut; joined again, the tokens' texts are the SQL."""
    return list(_tokens(sql))


def identifiers(sql: str) -> frozenset[str]:
    """Every name in text that the server or this phase wrote."""
    return frozenset(found for token in tokens(sql) if (found := token.name) is not None)


def quoted(name: str) -> Token:
    """A name as a token."""
    return Token(Sort.QUOTED, quote_identifier(name))


def string(text: str) -> Token:
    """A string as a token."""
    written = literal(text)
    return Token(Sort.ESCAPED if written.startswith("E") else Sort.STRING, written)


def _tokens(sql: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(sql):
        yield Token(Sort(found.lastgroup if found.lastgroup != "tag" else "dollar"), found[0])
