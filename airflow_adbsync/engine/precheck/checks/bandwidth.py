"""How fast rows travel from the source through this machine to the target, and how long a load takes so."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.amounts import size, time
from airflow_adbsync.engine.precheck.bandwidth import measure
from airflow_adbsync.engine.precheck.check import Check, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "bandwidth"


def assess(measured: tuple[int, float] | None, data: int, connections: int) -> Finding:
    """``measured``: bytes and seconds over one connection; ``data``: bytes of the selected tables."""
    if measured is None:
        return passed(NAME, f"Not measured; the tables hold {size(data)}.")
    sent, seconds = measured
    rate = sent / max(seconds, 0.001)
    alone = data / rate if rate else 0.0
    return passed(
        NAME,
        f"{size(rate)} a second over one connection; the tables hold {size(data)}: about {time(alone)} one "
        f"after the other, down to {time(alone / connections)} over {connections} if the servers keep up; "
        "indexes come on top.",
    )


def _look(context: Context) -> Iterator[Finding]:
    config, data = context.sync.config, sum(relation.bytes for relation in context.relations)
    _ = context.target.connection  # a side that can't be reached is another check's matter
    found = None
    if config.precheck.measure_bandwidth:
        found = measure(context.source.endpoint, context.target.endpoint, data)
    yield assess(found, data, config.load.max_tasks * config.load.connections_per_task)


CHECK = Check(NAME, _look, slow=True)
