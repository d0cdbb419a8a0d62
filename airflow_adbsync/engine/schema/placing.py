"""Deciding where every table lives on a target that spreads rows over segments; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from airflow_adbsync.engine.config import DistributionOptions, KeyOutsideDistribution, StorageOptions
from airflow_adbsync.engine.dialect import Capabilities, distribution_clause
from airflow_adbsync.engine.model import (
    Distribution,
    DistributionPolicy,
    Finding,
    Status,
    Storage,
    StorageEngine,
    quote_identifier,
)
from airflow_adbsync.engine.schema.definitions import ConstraintDefinition, TableDefinition
from airflow_adbsync.engine.schema.distributing import Choice, choose, outside
from airflow_adbsync.engine.schema.placement import (
    Engines,
    Placement,
    Placements,
    SourcePlacement,
    UniqueKey,
)
from airflow_adbsync.engine.schema.storing import Wish, engine_for

_CHECK = "distribution"
_SHOWN = 10


def place(
    tables: Iterable[TableDefinition],
    source: SourcePlacement,
    options: tuple[DistributionOptions, StorageOptions],
    target: Capabilities,
    engines: Engines,
) -> Placements:
    """Give every table its place; what can't have one is a FAILED finding, what differs an ALERT."""
    return _Placing({table.oid: table for table in tables}, source, options, target, engines).result()


class _Placing:
    def __init__(
        self,
        tables: Mapping[int, TableDefinition],
        source: SourcePlacement,
        options: tuple[DistributionOptions, StorageOptions],
        target: Capabilities,
        engines: Engines,
    ) -> None:
        self._tables = tables
        self._source = source
        self._distribution, self._storage = options
        self._target = target
        self._engines = engines
        self._findings: list[Finding] = []
        self._reasons: dict[str, list[str]] = defaultdict(list)
        self._widened: dict[int, tuple[str, ...]] = {}
        self._left_out: set[int] = set()

    def result(self) -> Placements:
        of = {oid: self._place(table) for oid, table in self._tables.items()}
        unusable = self._widened.keys() | self._left_out
        self._say_strangers()
        grouped = tuple(_grouped(self._reasons))
        references = tuple(_references(self._tables, unusable))
        return Placements(
            of, self._widened, frozenset(self._left_out), (*grouped, *self._findings, *references)
        )

    def _say_strangers(self) -> None:
        known = {str(table.name) for table in self._tables.values()}
        named = {"distribution": set(self._distribution.tables), "storage": set(self._storage.tables)}
        for section, tables in named.items():
            for name in sorted(tables - known):
                found = f"`{section}.tables` names {name}, which is no table of the sync."
                remedy = f"Take {name} out of it, or select the table."
                self._findings.append(Finding(_CHECK, Status.FAILED, found, remedy, name))

    def _place(self, table: TableDefinition) -> Placement:
        choice = self._choice(table)
        added = self._added_key(table, choice)
        if not self._target.distributed:
            return Placement(options=self._options(table, None), primary_key=added)
        self._check_columns(table, choice.distribution)
        self._reasons[choice.why].append(str(table.name))
        kept = self._gate(table, choice.distribution)
        self._see_to_keyless(table, choice.distribution)
        storage = None
        if table.kind != "p":
            engine = engine_for(self._wish(table), self._engines, has_keys=bool(kept or added))
            storage = engine.storage
            if engine.refused:
                self._say(table, Status.FAILED, engine.refused, _other_engine(table))
            if engine.instead:
                self._say(table, Status.PASSED, f"{engine.instead}, so it is made as heap")
        encodings = self._encodings(table, storage)
        return Placement(choice.distribution, storage, self._options(table, storage), added, encodings)

    def _choice(self, table: TableDefinition) -> Choice:
        """A partition has its root's: it could not be attached otherwise."""
        root = self._root(table)
        keys = self._source.keys.get(root.oid, ())
        own = self._source.distributions.get(root.oid)
        return choose(
            self._distribution.of(root.name), own, keys, self._source.unspreadable.get(root.oid, frozenset())
        )

    def _root(self, table: TableDefinition) -> TableDefinition:
        while table.partition_bound is not None and table.parents and table.parents[0] in self._tables:
            table = self._tables[table.parents[0]]
        return table

    def _added_key(self, table: TableDefinition, choice: Choice) -> tuple[str, ...]:
        """A table that has a key by which its rows are known needs no other one."""
        keyed = any(key.primary or key.whole for key in self._source.keys.get(table.oid, ()))
        wanted = self._distribution.as_primary_key and choice.given and not keyed
        if not wanted or table.kind == "p" or table.partition_bound is not None:
            return ()
        if choice.distribution.policy is not DistributionPolicy.BY:
            return ()
        columns = ", ".join(choice.distribution.columns)
        self._say(
            table,
            Status.PASSED,
            f"it has no primary key and gets its distribution key ({columns}) as one: two rows that are "
            "equal in it would stop the schema's second half",
        )
        return choice.distribution.columns

    def _check_columns(self, table: TableDefinition, distribution: Distribution) -> None:
        if all(column.generated for column in table.columns):
            # Seen on Greenplum 7: a COPY of rows without columns never ends.
            self._say(table, Status.FAILED, "it has no column that could be copied there", "Exclude it.")
        missing = [name for name in distribution.columns if table.column(name) is None]
        if missing:
            self._say(
                table,
                Status.FAILED,
                f"it has no column {', '.join(missing)} to be distributed by",
                f"Name columns of it in `distribution.tables.{table.name}`.",
            )

    def _gate(self, table: TableDefinition, distribution: Distribution) -> tuple[UniqueKey, ...]:
        """Return the unique keys that are made; see to those that lack the distribution key."""
        keys = self._source.keys.get(table.oid, ())
        lacking = outside(distribution, keys)
        for key in lacking:
            self._see_to(table, key, distribution)
        return tuple(key for key in keys if key.index not in self._left_out)

    def _see_to_keyless(self, table: TableDefinition, distribution: Distribution) -> None:
        keyless = not any(key.whole for key in self._source.keys.get(table.oid, ()))
        if keyless and distribution.policy is DistributionPolicy.REPLICATED:
            self._say(
                table,
                Status.ALERT,
                "it has no key, and single rows of a replicated table can't be found without one: after the "
                "load, new rows can be applied, changed and deleted ones can't",
                "Distribute it otherwise, or give it a primary key on the source.",
            )

    def _see_to(self, table: TableDefinition, key: UniqueKey, distribution: Distribution) -> None:
        rule = self._distribution.other_keys
        what = "primary key" if key.primary else f"unique key {key.name}"
        columns = ", ".join(key.columns)
        lacks = f"its {what} ({columns}) can't be checked where rows are {_words(distribution)}"
        by_columns = distribution.policy is DistributionPolicy.BY
        if not key.primary and rule is KeyOutsideDistribution.WIDEN and by_columns:
            added = tuple(column for column in distribution.columns if column not in key.columns)
            self._widened[key.index] = added
            self._say(
                table,
                Status.ALERT,
                f"{lacks}; it is made with {', '.join(added)} added, and refuses less than on the source",
                f"Acknowledge it, or distribute the table otherwise. {_duplicates(table, key)}".rstrip(),
            )
        elif not key.primary and rule is KeyOutsideDistribution.LEAVE_OUT:
            self._left_out.add(key.index)
            self._say(
                table,
                Status.ALERT,
                f"{lacks}; it is left out",
                f"Acknowledge it, or distribute the table otherwise. {_duplicates(table, key)}".rstrip(),
            )
        else:
            self._say(table, Status.FAILED, lacks, _remedy(table, key))

    def _options(self, table: TableDefinition, storage: Storage | None) -> tuple[str, ...]:
        """An engine's options mean nothing to another one."""
        said = tuple(f"{name}={value}" for name, value in storage.options) if storage else ()
        if storage and storage.engine is not StorageEngine.HEAP:
            return said
        named = {option.partition("=")[0] for option in said}
        own = () if table.oid in self._source.storages else table.options
        return (*(option for option in own if option.partition("=")[0] not in named), *said)

    def _encodings(self, table: TableDefinition, storage: Storage | None) -> Mapping[str, tuple[str, ...]]:
        """The columns' own, where the table keeps the engine that it has on the source."""
        own = self._source.storages.get(table.oid)
        kept = own is not None and own == storage and self._storage.of(table.name) is None
        return self._source.encodings.get(table.oid, {}) if kept else {}

    def _wish(self, table: TableDefinition) -> Wish | None:
        said = self._storage.of(table.name)
        if said is not None:
            return Wish(said, by_name=str(table.name) in self._storage.tables)
        own = self._source.storages.get(table.oid)
        return Wish(own, configured=False) if own else None

    def _say(self, table: TableDefinition, status: Status, found: str, remedy: str = "") -> None:
        self._findings.append(Finding(_CHECK, status, f"{table.name}: {found}.", remedy, str(table.name)))


def _grouped(reasons: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    for why, names in sorted(reasons.items()):
        shown = ", ".join(names[:_SHOWN])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield Finding(_CHECK, Status.PASSED, f"Distributed {why}: {shown}{more}.", subject="target")


def _references(tables: Mapping[int, TableDefinition], unusable: Iterable[int]) -> Iterator[Finding]:
    gone = set(unusable)
    for table in tables.values():
        for item in table.constraints:
            if item.kind == "f" and item.index in gone:
                yield _reference(table, item)


def _reference(table: TableDefinition, item: ConstraintDefinition) -> Finding:
    return Finding(
        _CHECK,
        Status.ALERT,
        f"{table.name}: foreign key {item.name} refers to a unique key that is not made; it is left out.",
        "Acknowledge it; the target would not check it anyway.",
        str(table.name),
    )


def _duplicates(table: TableDefinition, key: UniqueKey) -> str:
    """What shows, now and then, whether the target has come to hold what the source would have refused."""
    if not key.plain:
        return ""
    columns = ", ".join(map(quote_identifier, key.columns))
    return (
        "What it then holds in excess shows (names as on the source): "
        f"SELECT {columns}, count(*) FROM {table.name.sql} "
        f"WHERE ({columns}) IS NOT NULL GROUP BY {columns} HAVING count(*) > 1;"
    )


def _words(distribution: Distribution) -> str:
    return distribution_clause(distribution).replace('"', "")


def _remedy(table: TableDefinition, key: UniqueKey) -> str:
    setting = f"`distribution.tables.{table.name}`"
    if key.primary:
        return (
            f"Set {setting} to columns of it, [{', '.join(key.columns)}] or some of these, or to replicated."
        )
    return f"Set {setting} to replicated, or `distribution.other_keys` to widen or leave_out."


def _other_engine(table: TableDefinition) -> str:
    return f"Set `storage.tables.{table.name}` to another engine, e.g. heap."
