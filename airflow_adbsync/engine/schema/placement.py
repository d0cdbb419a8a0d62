"""Where the tables live on the target: what is known, and what was decided. Values only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Distribution, Finding, QualifiedName, Status, Storage


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """A unique index of the source, a primary key's too.

    ``columns`` are its plain ones; ``plain``: it has no others, and no row is left out of it; ``whole``: nor
    is any NULL in it; ``identity``: it is the table's replica identity.
    """

    index: int
    name: str
    columns: tuple[str, ...]
    primary: bool = False
    identity: bool = False
    whole: bool = True
    plain: bool = True


@dataclass(frozen=True, slots=True)
class SourcePlacement:
    """By the oids of the source's tables: their unique keys and, where the source is of the family, more.

    ``unspreadable`` are columns in those keys whose type can't be hashed, ``encodings`` the options of
    columns that are stored apart.
    """

    keys: Mapping[int, tuple[UniqueKey, ...]] = field(default_factory=dict)
    distributions: Mapping[int, Distribution] = field(default_factory=dict)
    storages: Mapping[int, Storage] = field(default_factory=dict)
    encodings: Mapping[int, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    unspreadable: Mapping[int, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Engines:
    """The target's table access methods, and those of them that hold unique keys."""

    present: frozenset[str] = frozenset({"heap"})
    keyed: frozenset[str] = frozenset({"heap"})


@dataclass(frozen=True, slots=True)
class Placement:
    """One table's place.

    ``options`` are those of its WITH clause, name=value, None for the source's own; ``primary_key`` is one
    that the source's table does not have. ``encodings`` are its columns' own options.
    """

    distribution: Distribution | None = None
    storage: Storage | None = None
    options: tuple[str, ...] | None = None
    primary_key: tuple[str, ...] = ()
    encodings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placements:
    """Every table's place, by its oid on the source.

    ``widened`` leads from a unique index to the columns that it takes up, ``left_out`` are those not made.
    """

    of: Mapping[int, Placement] = field(default_factory=dict)
    widened: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()
    findings: tuple[Finding, ...] = ()

    def place(self, table: int) -> Placement:
        """A table's place."""
        return self.of.get(table, _ANYWHERE)

    def without(self, tables: Collection[QualifiedName]) -> Placements:
        """The same, with nothing said about these tables: they are on the target already."""
        names = {str(name) for name in tables}
        return replace(self, findings=tuple(item for item in self.findings if item.subject not in names))

    def names_rows(self, index: int) -> bool:
        """Whether a unique index of the source is as unique on the target, so that a key can refer to it."""
        return index not in self.widened and index not in self.left_out

    def raise_if_refused(self) -> None:
        """Return if every table has a place.

        Raises:
            ConfigError: some have not; each is named with its remedy.
        """
        refused = tuple(self._refused())
        if refused:
            shown = "; ".join(f"{finding.found} {finding.remedy}" for finding in refused[:_SHOWN])
            more = f"; and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
            raise ConfigError(
                f"The target can't hold {len(refused)} of the tables as they would be made: {shown}{more}",
                remedy="Change `distribution` or `storage` of the sync as said, then run this again.",
            )

    def _refused(self) -> Iterator[Finding]:
        return (finding for finding in self.findings if finding.status is Status.FAILED)


_SHOWN = 10
_ANYWHERE = Placement()
NOWHERE_SPECIAL = Placements()
