"""Which statements may run side by side; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.statement import Statement


def waves(statements: Iterable[Statement]) -> Iterator[tuple[Statement, ...]]:
    """Cut an ordered sequence into groups: one statement, or several of parallel sections that don't need
    each other. The order stays."""
    wave: list[Statement] = []
    in_wave: set[str] = set()
    for statement in statements:
        if wave and not (
            statement.section.parallel and wave[-1].section.parallel and statement.needs.isdisjoint(in_wave)
        ):
            yield tuple(wave)
            wave, in_wave = [], set()
        wave.append(statement)
        in_wave.add(statement.object)
    if wave:
        yield tuple(wave)


def runs(waves_: Iterable[tuple[Statement, ...]], longest: int) -> Iterator[tuple[Statement, ...]]:
    """Join short statements that follow each other, as many as go into one transaction."""
    run: list[Statement] = []
    for wave in waves_:
        short = wave[0].section.short
        if run and (not short or len(run) >= longest):
            yield tuple(run)
            run = []
        if short:
            run.extend(wave)
        else:
            yield wave
    if run:
        yield tuple(run)


def shares(
    wave: Iterable[Statement], large: Mapping[QualifiedName, int], longest: int
) -> list[tuple[Statement, ...]]:
    """Deal statements that may run side by side out to sessions.

    Those that read a large table (``large`` has its bytes) go alone, the largest first; of the others, as
    many as go into one transaction, and those of one table always together: they lock it.
    """
    alone: list[Statement] = []
    by_table: dict[QualifiedName, list[Statement]] = defaultdict(list)
    for statement in wave:
        if statement.reads is None or statement.reads in large:
            alone.append(statement)
        else:
            by_table[statement.reads].append(statement)
    alone.sort(key=lambda item: -large.get(item.reads, 0) if item.reads else 0)
    dealt: list[tuple[Statement, ...]] = [(statement,) for statement in alone]
    share: list[Statement] = []
    for statements in by_table.values():
        if share and len(share) + len(statements) > longest:
            dealt.append(tuple(share))
            share = []
        share.extend(statements)
    return [*dealt, tuple(share)] if share else dealt
