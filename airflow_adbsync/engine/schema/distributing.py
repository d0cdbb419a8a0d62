"""Choosing a table's distribution key, and what becomes of the unique keys that lack it; pure.

Greenplum doc, CREATE TABLE: a primary key and every unique index must contain the distribution key, for
each segment checks only its own rows; a replicated table may have any, one distributed randomly none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.config import DistributionRule
from airflow_adbsync.engine.model import (
    RANDOMLY,
    REPLICATED,
    Distribution,
    DistributionPolicy,
    distributed_by,
)
from airflow_adbsync.engine.schema.placement import UniqueKey

Said = DistributionRule | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A distribution, and why it is that one, in words; ``given``: by the configuration or the source."""

    distribution: Distribution
    why: str
    given: bool = False


def choose(
    said: Said,
    own: Distribution | None,
    keys: Sequence[UniqueKey],
    unspreadable: frozenset[str] = frozenset(),
) -> Choice:
    """Choose by what is configured, by the source's own policy, by the keys.

    ``unspreadable`` are columns by whose values no segment can be chosen.
    """
    if isinstance(said, tuple):
        return Choice(distributed_by(*said), "by the columns that are configured", given=True)
    if said is DistributionRule.REPLICATED:
        return Choice(REPLICATED, "REPLICATED, as configured")
    if said is DistributionRule.RANDOMLY:
        return Choice(RANDOMLY, "RANDOMLY, as configured")
    if said is DistributionRule.KEEP and own is not None:
        return Choice(own, "as on the source", given=True)
    return _by_key(keys, unspreadable)


def outside(distribution: Distribution, keys: Iterable[UniqueKey]) -> tuple[UniqueKey, ...]:
    """The unique keys that the target could not check under this distribution."""
    match distribution.policy:
        case DistributionPolicy.REPLICATED:
            return ()
        case DistributionPolicy.RANDOMLY:
            return tuple(keys)
        case DistributionPolicy.BY:
            return tuple(key for key in keys if not set(distribution.columns) <= set(key.columns))


def _by_key(keys: Sequence[UniqueKey], unspreadable: frozenset[str]) -> Choice:
    ranked = sorted((key for key in keys if key.columns), key=_rank)
    if not ranked:
        return Choice(RANDOMLY, "RANDOMLY, for they have no key")
    first = ranked[0]
    able = tuple(column for column in first.columns if column not in unspreadable)
    if not able:
        return Choice(RANDOMLY, "RANDOMLY, for values of their key can't be hashed")
    shared = tuple(column for column in able if all(column in key.columns for key in keys))
    words = "primary key" if first.primary else "replica identity" if first.identity else "unique key"
    if shared and shared != able:
        return Choice(distributed_by(*shared), f"by what their {words} shares with their other unique keys")
    if able != first.columns:
        return Choice(distributed_by(*able), f"by what of their {words} can be hashed")
    return Choice(distributed_by(*able), f"by their {words}")


def _rank(key: UniqueKey) -> tuple[bool, bool, bool, str]:
    return not key.primary, not key.whole, not key.identity, key.name
