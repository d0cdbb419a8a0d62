"""Where a table's rows live on a server that spreads them over segments, and in which form."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DistributionPolicy(StrEnum):
    """How rows find their segment (Greenplum doc: CREATE TABLE, DISTRIBUTED)."""

    BY = "by"
    RANDOMLY = "randomly"
    REPLICATED = "replicated"


@dataclass(frozen=True, slots=True)
class Distribution:
    """A table's policy; ``columns`` is its distribution key, under BY only."""

    policy: DistributionPolicy
    columns: tuple[str, ...] = ()


RANDOMLY = Distribution(DistributionPolicy.RANDOMLY)
REPLICATED = Distribution(DistributionPolicy.REPLICATED)


def distributed_by(*columns: str) -> Distribution:
    """A distribution by these columns."""
    return Distribution(DistributionPolicy.BY, columns)


class StorageEngine(StrEnum):
    """Table access methods, by their names in ``pg_am``; ``beam`` is AnalyticDB's."""

    HEAP = "heap"
    AO_ROW = "ao_row"
    AO_COLUMN = "ao_column"
    BEAM = "beam"


@dataclass(frozen=True, slots=True)
class Storage:
    """An engine with its options (CREATE TABLE ... WITH), name and value; ``order_by`` is beam's sort key."""

    engine: StorageEngine
    options: tuple[tuple[str, str], ...] = ()
    order_by: tuple[str, ...] = ()
