"""Which statements may run side by side; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.schema.statement import Statement


def waves(statements: Iterable[Statement]) -> Iterator[tuple[Statement, ...]]:
    """Cut an ordered sequence into groups: one statement, or several of parallel sections that don't need
    each other. The order stays."""
    wave: list[Statement] = []
    for statement in statements:
        in_wave = {item.object for item in wave}
        if wave and not (
            statement.section.parallel and wave[-1].section.parallel and not statement.needs & in_wave
        ):
            yield tuple(wave)
            wave = []
        wave.append(statement)
    if wave:
        yield tuple(wave)
