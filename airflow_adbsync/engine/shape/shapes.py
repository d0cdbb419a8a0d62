"""From the configuration to the shape of each table."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from airflow_adbsync.engine.config import NameCase, Operation, SyncConfig, TableOptions
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import LONGEST_NAME, QualifiedName, Relation
from airflow_adbsync.engine.shape.nouns import ColumnShape, SentShape, TableShape

_UNCHANGED = TableOptions()


class Shapes:
    """What a sync's configuration says about names and tables."""

    def __init__(self, config: SyncConfig) -> None:
        self._case = config.names.case
        self._schemas = config.names.schemas
        self._tables: Mapping[str, TableOptions] = config.tables
        self._operations = config.incremental.operations

    @property
    def renames_nothing(self) -> bool:
        """Tell whether every schema, table and column keeps its name."""
        return (
            self._case is NameCase.PRESERVE
            and not self._schemas
            and not any(
                options.name or any(column.name for column in options.columns.values())
                for options in self._tables.values()
            )
        )

    def schema(self, source: str) -> str:
        """The schema's name on the target."""
        return self._schemas.get(source) or self.cased(source)

    def table(self, source: QualifiedName) -> QualifiedName:
        """The table's name on the target."""
        options = self._options(source)
        if options.name is None:
            return self.object(source)
        return QualifiedName.parse_within(options.name, self.schema(source.schema))

    def object(self, source: QualifiedName) -> QualifiedName:
        """The name on the target of what is not a table: a type, a function, a sequence, a view."""
        return QualifiedName(self.schema(source.schema), self.cased(source.name))

    def column(self, table: QualifiedName, source: str) -> str:
        """The column's name on the target, also if it is left out."""
        options = self._options(table).columns.get(source)
        return (options and options.name) or self.cased(source)

    def carries(self, table: QualifiedName, source: str) -> bool:
        """Tell whether the column is not left out."""
        options = self._options(table).columns.get(source)
        return options is None or not options.omit

    def cased(self, name: str) -> str:
        """A name in the case that was asked for.

        Raises:
            ConfigError: in that case it is longer than a name can be.
        """
        match self._case:
            case NameCase.LOWER:
                found = name.lower()
            case NameCase.UPPER:
                found = name.upper()
            case NameCase.PRESERVE:
                return name
        if len(found.encode()) > LONGEST_NAME:
            raise ConfigError(
                f"`names.case`: {name} becomes longer than the {LONGEST_NAME} bytes of a name.",
                remedy="Give it a new name in `tables` or `names.schemas`.",
            )
        return found

    def of(self, relation: Relation) -> TableShape:
        """The shape of one table.

        Raises:
            ConfigError: a column that is named is not there, two get the same name, or one that identifies
                the rows is left out or changed.
        """
        options = self._options(relation.name)
        _require_columns(relation, options)
        columns = (*self._carried(relation, options), *_extra(options))
        _refuse_twins(relation.name, columns)
        _refuse_changed_key(relation, options)
        shape = TableShape(
            source=relation.name,
            target=self.table(relation.name),
            columns=columns,
            omitted=tuple(column.name for column in relation.columns if options.omits(column.name)),
            where=options.where,
            operations=self.operations(relation.name),
        )
        return _with_primary_key(shape, options)

    def all_of(self, relations: Collection[Relation]) -> tuple[TableShape, ...]:
        """The shapes of all tables of the sync.

        Raises:
            ConfigError: as `of`; or `tables` names one that is not the sync's, or two get the same name.
        """
        names = {str(relation.name) for relation in relations}
        for said in self._tables:
            if said not in names:
                raise ConfigError(
                    f"`tables`: {said} is not a table that the sync carries.",
                    remedy=_did_you_mean(said, names)
                    or "Select it in `objects`, or take it out of `tables`.",
                )
        found = tuple(self.of(relation) for relation in relations)
        refuse_same_names({shape.source: shape.target for shape in found})
        return found

    def sent(self, table: QualifiedName, names: Sequence[str]) -> SentShape:
        """What becomes of tuples of the stream that have columns of these names."""
        options = self._options(table)
        columns = tuple(self._column(options, name) for name in names)
        return SentShape(table, columns, _extra(options), options.where)

    def operations(self, table: QualifiedName) -> frozenset[Operation]:
        """What replication carries of the table's changes."""
        return frozenset(self._options(table).operations or self._operations)

    def needs_whole_rows(self, table: QualifiedName) -> bool:
        """Tell whether each change must come with its whole row, old and new: for a filter or a value."""
        options = self._options(table)
        return bool(options.where) or any(column.value for column in options.columns.values())

    def whole_rows(self, relations: Iterable[Relation]) -> frozenset[QualifiedName]:
        """The tables for which that is so."""
        return frozenset(relation.name for relation in relations if self.needs_whole_rows(relation.name))

    def _options(self, table: QualifiedName) -> TableOptions:
        return self._tables.get(str(table), _UNCHANGED)

    def _column(self, options: TableOptions, name: str, *, generated: bool = False) -> ColumnShape | None:
        if options.omits(name):
            return None
        said = options.columns.get(name)
        if said is None:
            return ColumnShape(self.cased(name), name, generated=generated)
        return ColumnShape(said.name or self.cased(name), name, said.type, said.value, generated)

    def _carried(self, relation: Relation, options: TableOptions) -> Iterator[ColumnShape]:
        for column in relation.columns:
            found = self._column(options, column.name, generated=column.generated)
            if found is not None:
                yield found


def refuse_same_names(targets: Mapping[QualifiedName, QualifiedName]) -> None:
    """Raise where two objects of the source would have one name on the target.

    Raises:
        ConfigError: naming them.
    """
    sources: dict[QualifiedName, list[QualifiedName]] = defaultdict(list)
    for source, target in targets.items():
        sources[target].append(source)
    for target, twins in sources.items():
        if len(twins) > 1:
            raise ConfigError(
                f"{' and '.join(map(str, sorted(twins)))} would both be {target} on the target.",
                remedy="Give one of them another name in `tables`, or change `names`.",
            )


def _extra(options: TableOptions) -> tuple[ColumnShape, ...]:
    return tuple(ColumnShape(name, None, column.type, column.value) for name, column in options.extra.items())


def _require_columns(relation: Relation, options: TableOptions) -> None:
    known = {column.name: column for column in relation.columns}
    for key, names in (("columns", options.columns), ("only", options.only)):
        for name in names:
            if name not in known:
                raise ConfigError(
                    f"`tables.{relation.name}.{key}`: the table has no column {name}.",
                    remedy=_did_you_mean(name, known) or "Names are case-sensitive; check it with \\d.",
                )
    for name, said in options.columns.items():
        if known[name].generated and (said.type or said.value):
            raise ConfigError(
                f"`tables.{relation.name}.columns`: {name} is a generated column, which the target computes "
                "itself.",
                remedy="Leave it out (false), or rename it only.",
            )
    if relation.columns and all(options.omits(column.name) for column in relation.columns):
        raise ConfigError(
            f"`tables.{relation.name}.columns` leaves out every column.",
            remedy="Exclude the table in `objects`.",
        )


def _refuse_twins(table: QualifiedName, columns: Iterable[ColumnShape]) -> None:
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise ConfigError(
                f"`tables.{table}`: two columns would be called {column.name} on the target.",
                remedy="Give one of them another name in `columns` or `extra`.",
            )
        seen.add(column.name)


def _refuse_changed_key(relation: Relation, options: TableOptions) -> None:
    """The source names a changed row by these columns, and the target must find it by them."""
    for name in relation.key.columns if relation.key else ():
        said = options.columns.get(name)
        omitted = options.omits(name)
        if omitted or (said and said.value):
            raise ConfigError(
                f"`tables.{relation.name}.columns`: {name} belongs to the key by which rows are found, so it "
                f"can't be {'left out' if omitted else 'given another value'}.",
                remedy="Carry it as it is; it may have another name or type.",
            )


def _with_primary_key(shape: TableShape, options: TableOptions) -> TableShape:
    if not options.primary_key:
        return shape
    names = {column.source or column.name: column.name for column in shape.columns}
    for name in options.primary_key:
        if name not in names:
            raise ConfigError(
                f"`tables.{shape.source}.primary_key`: the target's table has no column {name}.",
                remedy=_did_you_mean(name, names) or "Name columns of the source's table that are carried.",
            )
    return replace(shape, primary_key=tuple(names[name] for name in options.primary_key))


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean {near[0]}?" if near else ""
