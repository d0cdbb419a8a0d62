"""No other sync fills the same tables of the target."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from airflow_adbsync.engine import state
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.model import Finding, QualifiedName
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted, listed
from airflow_adbsync.engine.shape import Shapes

NAME = "other_syncs"


def assess(
    wanted: Collection[QualifiedName], taken: Mapping[str, Collection[QualifiedName]]
) -> Iterator[Finding]:
    """``taken``: names on the target by the id of the sync that has them.

    A load empties its table first, and appliers know nothing of each other.
    """
    clear = True
    for sync_id, names in sorted(taken.items()):
        both = sorted(set(wanted) & set(names))
        if both:
            clear = False
            yield failed(
                NAME,
                f"Sync {sync_id!r} fills {counted(len(both), 'table')} of this one: {listed(both)}.",
                f"Exclude them here or there, give them other names in `tables`, or release {sync_id!r}.",
                subject="target",
            )
    if clear:
        yield passed(NAME, "No other sync has the same tables.", subject="target")


def _look(context: Context) -> Iterator[Finding]:
    conn, taken = context.target.connection, {}
    with typed_errors(context.target.endpoint, "reading the control schema"):
        if state.is_present(conn):
            taken = state.relations.read_others(conn, context.sync.sync_id)
    yield from assess(context.target_names, {sync_id: _targets(*found) for sync_id, found in taken.items()})


def _targets(config: object, sources: Collection[QualifiedName]) -> list[QualifiedName]:
    """The state goes by the source's names; the other sync's own configuration leads to the target's."""
    shapes = Shapes(SyncConfig.model_validate(config))
    return [shapes.table(name) for name in sources]


CHECK = Check(NAME, _look)
