"""Bodies of functions that stand in quotes: the user's own SQL or PL/pgSQL; pure.

No catalog has analysed them. A name in one is rewritten where it can mean only one thing; where it can mean
several, that is said, and the function is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from airflow_adbsync.engine.model import QualifiedName, quote_identifier
from airflow_adbsync.engine.schema.renaming.names import Names
from airflow_adbsync.engine.schema.renaming.rewriting import Unclear
from airflow_adbsync.engine.schema.renaming.tokens import Sort, Token, string, tokens

# Functions that take the name of a relation as text.
_TAKE_NAMES = frozenset({"nextval", "currval", "setval", "to_regclass"})
_ANALYSED = frozenset({"sql", "plpgsql"})
# Variables that PL/pgSQL has of its own, and what it says in RAISE.
_PLPGSQL = frozenset("found notice info debug sqlstate sqlerrm message detail hint row_count".split())  # noqa: SIM905
_NAMES_IN_STRINGS = frozenset({"regclass", "regprocedure", "regproc", "regtype"})
_RUN_TEXT = frozenset({"execute", "query_to_xml", "dblink"})
_ROWS_OF_TRIGGERS = frozenset({"new", "old"})
# What may follow a table's name without being its alias.
_AFTER_TABLES = frozenset(
    """
    as cross do for full group having inner intersect except join left limit loop natural offset on order
    returning right select set union using values where window with default fetch tablesample when then
    """.split()  # noqa: SIM905 - a list of thirty words is easier to read as text
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view that a body may name: what it and its columns are called. An empty name is left out."""

    name: QualifiedName
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Vocabulary:
    """What names can mean. ``relations`` are all of the source; ``typed`` are those whose rows something else
    gives: a function that returns them, a table with a column of their type. ``words`` are the server's own:
    keywords, types and functions.
    """

    names: Names
    relations: Mapping[QualifiedName, Relation] = field(default_factory=dict)
    typed: Mapping[str, frozenset[QualifiedName]] = field(default_factory=dict)
    words: frozenset[str] = frozenset()

    @cached_property
    def tables(self) -> Mapping[str, frozenset[QualifiedName]]:
        """Tables and views by their name alone."""
        return _by_name(self.relations)

    @cached_property
    def routines(self) -> Mapping[str, frozenset[QualifiedName]]:
        """Routines that have another name, by the name alone."""
        return _by_name(self.names.routines)

    @cached_property
    def others(self) -> Mapping[str, frozenset[QualifiedName]]:
        """What else has another name, by the name alone."""
        return _by_name(name for name in self.names.relations if name not in self.relations)

    @cached_property
    def changed(self) -> frozenset[str]:
        """Every name that something has and will not have on the target."""
        objects = {name.name for name in (*self.names.relations, *self.names.routines)}
        columns = {
            old for relation in self.relations.values() for old, new in relation.columns.items() if old != new
        }
        return frozenset(objects | columns | set(self.names.schemas))


@dataclass(frozen=True, slots=True)
class Body:
    """A body, the language that it is in, the names of its arguments and columns, the tables whose rows it
    gets without naming them: its arguments', and those whose trigger it is."""

    text: str
    language: str
    arguments: frozenset[str] = frozenset()
    given: frozenset[QualifiedName] = frozenset()
    triggered_by: frozenset[QualifiedName] = frozenset()


def rewritten_body(body: Body, known: Vocabulary) -> str:
    """The same under new names.

    Raises:
        Unclear: something that has another name may be meant, or not.
    """
    if body.language not in _ANALYSED:
        _refuse_any(body, known)
        return body.text
    return _Reader(body, known).text()


class _Reader:
    def __init__(self, body: Body, known: Vocabulary) -> None:
        self._body = body
        self._known = known
        self._out = tokens(body.text)
        self._places = [place for place, token in enumerate(self._out) if token.sort is not Sort.SPACE]
        self._read = [self._out[place] for place in self._places]
        self._ids = [token.identifier for token in self._read]
        self._used = frozenset(found for found in self._ids if found)
        self._new: dict[int, str] = {}
        self._named: set[QualifiedName] = set(body.given | body.triggered_by)
        self._aliases: dict[str, set[QualifiedName]] = {}
        self._pairs: set[int] = set()

    def text(self) -> str:
        self._find_tables()
        for at, name in enumerate(self._ids):
            if name is not None and at not in self._pairs:
                self._word(at, name)
        self._refuse_captured()
        for at, token in enumerate(self._read):
            if token.string is not None or token.sort is Sort.ESCAPED:
                self._string(at, token)
        for at, new in self._new.items():
            if new != self._ids[at]:
                self._out[self._places[at]] = Token(Sort.QUOTED, _written(new, self._read[at]))
        return "".join(token.text for token in self._out)

    def _find_tables(self) -> None:
        for at, (name, second) in enumerate(zip(self._ids, [*self._ids[2:], None, None], strict=True)):
            if name is None or self._said(at - 1) == ".":
                continue
            if self._said(at + 1) == "." and second is not None:
                self._pair(at, QualifiedName(name, second))
                continue
            self._named |= self._known.typed.get(name, frozenset())
            if self._said(at + 1) != "(":
                for table in self._known.tables.get(name, ()):
                    self._named.add(table)
                    self._alias(at + 1, table)

    def _pair(self, at: int, name: QualifiedName) -> None:
        """schema.name, unless the first is an alias."""
        routine = self._said(at + 3) == "("
        new = self._known.names.find(name, routine=routine)
        known = name in self._known.relations
        if new is None and not known and name.schema not in self._known.names.schemas:
            return
        if name.schema in self._aliased():
            raise Unclear(f"{name} in it may be a column or an object")
        if new is None and not known:
            raise Unclear(f"it names {name}, which the sync does not know, in a schema that is renamed")
        self._pairs |= {at, at + 2}
        self._named |= self._known.typed.get(name.name, frozenset())
        if known:
            self._named.add(name)
            self._alias(at + 3, name)
        if new is not None:
            self._new |= {at: new.schema, at + 2: new.name}

    def _aliased(self) -> set[str]:
        """Names that stand alone somewhere, so that what follows them after a dot may be a column."""
        return {
            name
            for at, name in enumerate(self._ids)
            if name and self._said(at + 1) != "." and (self._said(at - 1) != "." or self._is_relation(at))
        }

    def _is_relation(self, at: int) -> bool:
        first, second = self._ids[at - 2] if at >= 2 else None, self._ids[at]
        return bool(first and second and QualifiedName(first, second) in self._known.relations)

    def _alias(self, at: int, table: QualifiedName) -> None:
        """The table is also called by its own name, where it has no alias."""
        if self._said(at).lower() == "as":
            at += 1
        token = self._read[at] if at < len(self._read) else None
        word = token.identifier if token else None
        if token is None or word is None or (token.sort is Sort.WORD and word in _AFTER_TABLES):
            word = table.name
        self._aliases.setdefault(word, set()).add(table)
        self._aliases.setdefault(table.name, set()).add(table)

    def _word(self, at: int, name: str) -> None:
        meanings = self._meanings(at, name)
        if meanings <= {name}:
            return
        if len(meanings) > 1 or "" in meanings:
            raise Unclear(self._complaint(name, meanings))
        if name in self._body.arguments:
            raise Unclear(f"{name} in it may be its argument, or what is called otherwise on the target")
        own = name in self._known.words or name in _PLPGSQL
        if own and self._read[at].sort is Sort.WORD and self._said(at - 1) != ".":
            raise Unclear(f"{name} in it may be SQL's own word, or what is called otherwise on the target")
        self._new[at] = next(iter(meanings))

    def _meanings(self, at: int, name: str) -> set[str]:
        """What the name may be on the target."""
        names, relations = self._known.names, self._known.relations
        if self._said(at - 1) == "." and at > 1:
            tables = self._tables_behind(self._ids[at - 2] or "")
            return _columns(relations, tables, name, otherwise=name)
        found = _columns(relations, self._named, name)
        if self._said(at + 1) == "(" and (routines := self._known.routines.get(name)):
            found |= {names.routines[old].name for old in routines}
            found |= {name} & self._known.words
        tables = self._known.tables.get(name, frozenset())
        if not tables.isdisjoint(self._named):
            found |= {names.relation(old).name for old in tables}
            self._refuse_moved(tables)
        return found | {names.relations[old].name for old in self._known.others.get(name, ())}

    def _refuse_moved(self, tables: Collection[QualifiedName]) -> None:
        """An unqualified table is found by search_path: a table that changes its schema alone is not."""
        names = self._known.names
        for old in tables:
            if names.relation(old).schema != names.schema(old.schema):
                raise Unclear(f"it names {old} without its schema, which is another one on the target")

    def _tables_behind(self, prefix: str) -> Collection[QualifiedName]:
        if prefix in _ROWS_OF_TRIGGERS and self._body.triggered_by:
            return self._body.triggered_by
        return self._aliases.get(prefix) or self._named

    def _complaint(self, name: str, meanings: set[str]) -> str:
        if "" in meanings:
            return f"it names {name}, which may be a column that is left out"
        return f"{name} in it may be {' or '.join(sorted(meanings))} on the target"

    def _refuse_captured(self) -> None:
        """A new name that the body uses already would change what it means."""
        changed = {self._ids[at]: new for at, new in self._new.items() if at not in self._pairs}
        for old, new in changed.items():
            if new != old and new in self._used and new not in changed:
                raise Unclear(
                    f"{old} in it is called {new} on the target, and the body uses that name already"
                )

    def _string(self, at: int, token: Token) -> None:
        if token.sort is Sort.DOLLAR and self._body.language != "plpgsql":
            return
        text = token.string or token.text
        words = {found for part in tokens(text) if (found := part.identifier)}
        if self._takes_name(at):
            new = _string_name(text, self._known.names)
            if new != text:
                self._out[self._places[at]] = string(new)
        elif self._is_dynamic() and (mentioned := words & self._known.changed):
            raise Unclear(f"it puts SQL together, from a text that names {min(mentioned)}")

    def _takes_name(self, at: int) -> bool:
        cast = self._said(at + 1) == "::" and self._said(at + 2).lower() in _NAMES_IN_STRINGS
        called = self._said(at - 1) == "(" and at > 1 and self._ids[at - 2] in _TAKE_NAMES
        return cast or called

    def _is_dynamic(self) -> bool:
        return not self._used.isdisjoint(_RUN_TEXT)

    def _said(self, at: int) -> str:
        return self._read[at].text if 0 <= at < len(self._read) else ""


def _by_name(names: Iterable[QualifiedName]) -> dict[str, frozenset[QualifiedName]]:
    found: dict[str, set[QualifiedName]] = defaultdict(set)
    for name in names:
        found[name.name].add(name)
    return {name: frozenset(same) for name, same in found.items()}


def _columns(
    relations: Mapping[QualifiedName, Relation],
    tables: Collection[QualifiedName],
    name: str,
    otherwise: str = "",
) -> set[str]:
    found = {
        relations[table].columns[name]
        for table in tables
        if table in relations and name in relations[table].columns
    }
    return found or ({otherwise} if otherwise else set())


def _string_name(text: str, names: Names) -> str:
    found = [token for token in tokens(text) if token.sort is not Sort.SPACE]
    if len(found) < 3 or found[1].text != "." or not found[0].identifier or not found[2].identifier:
        return text
    name = QualifiedName(found[0].identifier, found[2].identifier)
    new = names.find(name, routine="(" in text)
    return new.sql + "".join(token.text for token in found[3:]) if new else text


def _written(name: str, before: Token) -> str:
    """Bare where the old name was, and the new one may be."""
    bare = before.sort is Sort.WORD and name.isidentifier() and name.isascii() and name == name.lower()
    return name if bare else quote_identifier(name)


def _refuse_any(body: Body, known: Vocabulary) -> None:
    """In a language that is not read here, a name that has changed may be meant wherever it stands."""
    for token in tokens(body.text):
        for part in (token, *tokens(token.string or "")):
            if part.identifier in known.changed:
                raise Unclear(
                    f"its language, {body.language}, is not analysed, and it mentions {part.identifier}"
                )
