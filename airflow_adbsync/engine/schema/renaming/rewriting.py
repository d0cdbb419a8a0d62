"""New names in text that the server wrote: every name of an object stands there with its schema; pure.

Columns keep their names: see `columns`. In such text keywords are in capitals and names are not, unless they
are quoted, so a name is told from a keyword by how it looks.
"""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import QualifiedName, quote_identifier
from airflow_adbsync.engine.schema.renaming.names import Names
from airflow_adbsync.engine.schema.renaming.tokens import Sort, Token, quoted, string, tokens

# After these stands the name of a table or of what is like one, whatever follows it.
_BEFORE_RELATION = frozenset(
    {"TABLE", "ONLY", "INTO", "REFERENCES", "TYPE", "DOMAIN", "COLUMN", "VIEW", "INDEX", "SEQUENCE", "NAME"}
)
# After these a table is named in a query, where it may have an alias ...
_BEFORE_SOURCE = frozenset({"FROM", "JOIN", "ONLY", "INTO", "UPDATE", "USING"})
# ... and after these it may be named too, but a column as well.
_UNSURE = frozenset({",", "("})
# After these it is no column in any case.
_NO_COLUMN = _BEFORE_SOURCE | _BEFORE_RELATION | {"::", "TO", "SETOF", "RETURNS", "FUNCTION", "COLLATE"}
_BEFORE_SIMPLE = frozenset({"CONSTRAINT", "TRIGGER", "RULE", "POLICY", "INDEX"})
_TYPE_OPTIONS = frozenset({"STYPE", "MSTYPE", "LEFTARG", "RIGHTARG", "SUBTYPE", "COLLATION"})
_NAMES_IN_STRINGS = frozenset(
    {
        "regclass",
        "regproc",
        "regprocedure",
        "regtype",
        "regconfig",
        "regdictionary",
        "regoper",
        "regoperator",
        "regcollation",
        "regnamespace",
    }
)


class Unclear(Exception):
    """It can't be told what a name stands for; the message says which."""


def rewritten(sql: str, names: Names, *, query: bool = False, own: QualifiedName | None = None) -> str:
    """The same under new names.

    ``query``: the text is or holds a query, in which a table that gets a new name needs its old one as alias,
    for columns are named by it. ``own``: the table that expressions are about, which name it without schema.

    Raises:
        Unclear: a name may be a column's or an object's.
    """
    return _Rewriter(tokens(sql), names, query, own).text()


class _Rewriter:
    def __init__(self, found: list[Token], names: Names, query: bool, own: QualifiedName | None) -> None:
        self._out = found
        self._names = names
        self._query = query
        self._own = own
        self._places = [place for place, token in enumerate(found) if token.sort is not Sort.SPACE]
        self._read = [found[place] for place in self._places]
        self._aliases = frozenset(self._bare_names()) if query else frozenset[str]()

    def text(self) -> str:
        for at, token in enumerate(self._read):
            if token.sort in {Sort.STRING, Sort.ESCAPED}:
                self._string(at)
            elif token.name is not None and self._said(at - 1) != ".":
                self._name(at, token.name)
        return "".join(token.text for token in self._out)

    def _name(self, at: int, name: str) -> None:
        before, after = self._said(at - 1), self._said(at + 1)
        if after == ".":
            self._qualified(at, name)
        elif before == "SCHEMA":
            self._put(at, self._names.schema(name))
        elif before in _BEFORE_SIMPLE or (before == "ON" and self._said(at - 2) == "CLUSTER"):
            self._put(at, self._names.simple(name))

    def _qualified(self, at: int, schema: str) -> None:
        second = self._token(at + 2)
        if second is None:
            return
        if self._is_operator(at, second):
            self._put(at, self._names.schema(schema))
        elif second.name is not None and (found := self._object(at, QualifiedName(schema, second.name))):
            self._put(at, found.schema)
            self._put(at + 2, found.name)
            if self._needs_alias(at, second.name, found):
                self._append(at + 2, f" AS {quote_identifier(second.name)}")
        elif self._own and schema == self._own.name:
            self._put(at, self._names.relation(self._own).name)

    def _object(self, at: int, name: QualifiedName) -> QualifiedName | None:
        before = self._said(at - 1)
        routine = before not in _BEFORE_RELATION and (self._said(at + 3) == "(" or self._is_value(at))
        found = self._names.find(name, routine=routine)
        if found is None or routine or name.schema not in self._aliases or before in _NO_COLUMN:
            return found
        if before in _UNSURE:
            raise Unclear(f"{name} in it may be a column or an object")
        return None

    def _is_value(self, at: int) -> bool:
        """Whether it is the value of an option that takes a routine: SFUNC = schema.name."""
        return self._said(at - 1) == "=" and self._said(at - 2) not in _TYPE_OPTIONS and not self._query

    def _is_operator(self, at: int, second: Token) -> bool:
        if second.sort is not Sort.OPERATOR:
            return False
        said = {self._said(at - 1), self._said(at - 2)}
        return second.text != "*" or "OPERATOR" in said

    def _needs_alias(self, at: int, old: str, new: QualifiedName) -> bool:
        if not self._query or old == new.name:
            return False
        before = self._said(at - 1)
        if before == "ONLY" and self._said(at - 2) == "TABLE":
            return False
        following = self._token(at + 3)
        named = following is not None and (following.name is not None or following.text in {".", "AS"})
        return (before in _BEFORE_SOURCE or before in _UNSURE) and not named

    def _string(self, at: int) -> None:
        """'schema.name'::regclass, also by way of ::text."""
        text = self._read[at].string
        cast, type_ = self._said(at + 1), self._token(at + 2)
        if cast != "::" or type_ is None or text is None:
            return
        if type_.text == "text" and self._said(at + 3) == ")" and self._said(at + 4) == "::":
            type_ = self._token(at + 5)
        if type_ is None or type_.text not in _NAMES_IN_STRINGS:
            return
        if type_.text == "regnamespace":
            name = "".join(token.name or "" for token in tokens(text))
            new = quote_identifier(self._names.schema(name)) if name in self._names.schemas else text
        else:
            routine = type_.text in {"regproc", "regprocedure"}
            new = _named(text, self._names, routine=routine)
        if new != text:
            self._out[self._places[at]] = string(new)

    def _bare_names(self) -> Iterator[str]:
        for at, token in enumerate(self._read):
            if token.name is not None and self._said(at + 1) != ".":
                yield token.name

    def _token(self, at: int) -> Token | None:
        return self._read[at] if 0 <= at < len(self._read) else None

    def _said(self, at: int) -> str:
        token = self._token(at)
        return token.text if token else ""

    def _put(self, at: int, name: str) -> None:
        if name != self._read[at].name:
            self._out[self._places[at]] = quoted(name)

    def _append(self, at: int, text: str) -> None:
        place = self._places[at]
        self._out[place] = Token(Sort.OTHER, self._out[place].text + text)


def _named(text: str, names: Names, *, routine: bool) -> str:
    """A name in a string, with its arguments' types if it has any."""
    head = [token for token in tokens(text) if token.sort is not Sort.SPACE][:3]
    if routine and len(head) == 3 and head[1].text == "." and head[0].name and head[2].name:
        found = names.find(QualifiedName(head[0].name, head[2].name), routine=True)
        rest = text[text.index("(") :] if text.endswith(")") else ""
        return (found.sql if found else head[0].text + "." + head[2].text) + rewritten(rest, names)
    return rewritten(text, names)
