"""Which statements may run side by side; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
