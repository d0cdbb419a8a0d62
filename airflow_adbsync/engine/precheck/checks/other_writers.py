"""Nobody else writes to the sync's tables on the target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.model import Finding, QualifiedName
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted, listed

NAME = "other_writers"


def assess(
    sessions: Sequence[tuple[str, Sequence[QualifiedName]]], subscribed: Sequence[tuple[str, QualifiedName]]
) -> Iterator[Finding]:
    """``sessions`` that hold a lock for writing, with the tables; ``subscribed``: by native subscriptions."""
    for who, tables in sessions:
        yield alert(
            NAME,
            f"{who} writes to {counted(len(tables), 'table')} of the sync: {listed(tables)}.",
            "Stop it: the target's rows belong to the sync until the cut-over.",
            subject="target",
        )
    if subscribed:
        yield alert(
            NAME,
            "Subscriptions of the target fill tables of the sync: "
            f"{listed(f'{name} ({subscription})' for subscription, name in subscribed)}.",
            "ALTER SUBSCRIPTION ... DISABLE; or exclude these tables.",
            subject="target",
        )
    if not sessions and not subscribed:
        yield passed(NAME, "Nobody else writes to the tables now.", subject="target")


def _look(context: Context) -> Iterator[Finding]:
    names, conn = context.target_names, context.target.connection
    wanted = {"schemas": [name.schema for name in names], "names": [name.name for name in names]}
    with typed_errors(context.target.endpoint, "reading locks"):
        ours: list[int] = []
        if state.is_present(conn):
            sync_id = context.sync.sync_id
            ours = [*state.ownership.owner_pids(conn, sync_id), *state.ownership.load_pids(conn, sync_id)]
    rows = context.target.rows("table_writers", ours=ours, **wanted)
    sessions = [(who, [QualifiedName(*pair) for pair in tables]) for who, tables in rows]
    subscribed = context.target.rows("subscribed_tables", **wanted) if _has_subscriptions(context) else ()
    yield from assess(sessions, [(name, QualifiedName(schema, table)) for name, schema, table in subscribed])


def _has_subscriptions(context: Context) -> bool:
    """Only some may read pg_subscription; pg_subscription_rel goes by it."""
    (readable,) = context.target.row("subscriptions_readable")
    return bool(readable)


CHECK = Check(NAME, _look)
