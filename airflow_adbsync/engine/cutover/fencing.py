"""Keeping writes out of the source, and letting them in again."""

from __future__ import annotations

import logging
from collections.abc import Collection

from airflow_adbsync.engine import state
from airflow_adbsync.engine.config import FenceKind
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.cutover import sides
from airflow_adbsync.engine.cutover.privilege import restoration, revocation
from airflow_adbsync.engine.errors import FenceFailed
from airflow_adbsync.engine.model import QualifiedName, quote_identifier
from airflow_adbsync.engine.replication import current_position
from airflow_adbsync.engine.state.fences import Fence, Step
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
_UNCHANGED = "Nothing was changed."


def fence(sync: Sync) -> Fence:
    """Keep writes out of the source, and note where its log ends; nothing committed later is the sync's.

    What will undo it is written down on the target first, so a task that is killed meanwhile can be run
    again, or be followed by an abort. Run again, it returns the fence that stands.

    Raises:
        SyncUnknown: the sync was not started.
        FenceFailed: sessions or roles get around it, or another fence stands; what was changed is for `abort`
            to undo.
        RightMissing: the account may not do it.
    """
    with (
        state.phases.running(sync.target, sync.sync_id, "fence"),
        connect(sync.target, autocommit=True) as target,
        typed_errors(sync.target, "noting the fence"),
    ):
        state.syncs.get(target, sync.sync_id)
        standing = state.fences.find(target, sync.sync_id)
        if standing:
            _require_same(sync, standing)
            if standing.final_lsn:
                return standing
        tables = tuple(state.relations.read(target, sync.sync_id))
        with connect(sync.source, autocommit=True) as source, typed_errors(sync.source, "fencing"):
            _refuse_prepared(sync, source)
            _put_up(sync, source, target, tables, standing)
        state.fences.set_final(target, sync.sync_id, current_position(sync))
        found = state.fences.find(target, sync.sync_id)
    assert found is not None  # noqa: S101 - written above
    _LOG.info("Source %s is fenced (%s); its log ends at %s.", sync.source, found.kind, found.final_lsn)
    return found


def _require_same(sync: Sync, standing: Fence) -> None:
    wanted = sync.config.cutover.fence
    if standing.aborted_at or standing.kind != wanted:
        doing = "is being taken down" if standing.aborted_at else "stands"
        raise FenceFailed(
            f"A fence ({standing.kind}) of sync {sync.sync_id!r} {doing} already.",
            remedy="Abort that cut-over, then try again.",
        )


def take_down(sync: Sync, found: Fence) -> None:
    """Undo what the fence did to the source; safe to run again.

    Sessions that began under a read-only database stay so, and are ended: whoever comes back may write.
    """
    if not found.undo:
        return
    with connect(sync.source, autocommit=True) as source, typed_errors(sync.source, "taking the fence down"):
        sides.run(source, found.undo)
        if found.kind == FenceKind.READ_ONLY:
            sides.end_sessions(source)
    _LOG.info("Source %s takes writes again.", sync.source)


def _put_up(
    sync: Sync,
    source: Connection,
    target: Connection,
    tables: Collection[QualifiedName],
    standing: Fence | None,
) -> None:
    kind = sync.config.cutover.fence
    steps, undo = _planned(sync, source, tables)
    # All steps are one transaction: where it has been made already, nothing is left to do, nor to write down.
    if standing is None or steps:
        state.fences.plan(target, sync.sync_id, kind, undo)
    sides.run(source, steps)
    ended = 0
    match kind:
        case FenceKind.READ_ONLY:
            ended = sides.end_sessions(source)
        case FenceKind.REVOKE:
            if left := sides.read_privileges(source, tables):
                raise FenceFailed(
                    f"{sync.source}: {left[0].grantee or 'PUBLIC'} may still {left[0].privilege} on "
                    f"{left[0].table}, as granted by {left[0].grantor}.",
                    remedy="Use an account that owns the tables, or `cutover: {fence: read_only}`.",
                )
            ended = sides.end_writers(source, tables)
    if ended:
        _LOG.info("%d sessions on the source were ended.", ended)


def _planned(
    sync: Sync, source: Connection, tables: Collection[QualifiedName]
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """What to do, and what undoes exactly that."""
    match sync.config.cutover.fence:
        case FenceKind.READ_ONLY:
            return _read_only(sync, source)
        case FenceKind.REVOKE:
            held = sides.read_privileges(source, tables)
            return revocation(held), restoration(held)
    return (), ()


def _read_only(sync: Sync, source: Connection) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    settings = sides.read_only_settings(source)
    before = settings.pop(None, None)
    if free := sorted(role for role, value in settings.items() if role and value not in ("on", "true", "1")):
        raise FenceFailed(
            f"{sync.source}: role {free[0]} has a default_transaction_read_only of its own, which wins over "
            f"the database's. {_UNCHANGED}",
            remedy=f"ALTER ROLE {quote_identifier(free[0])} RESET default_transaction_read_only (IN "
            "DATABASE, if it is set there), or use `cutover: {fence: revoke}`.",
        )
    if before in ("on", "true", "1"):
        return (), ()
    alter = f"ALTER DATABASE {quote_identifier(sync.source.database)}"
    name = "default_transaction_read_only"
    undo = f"{alter} RESET {name}" if before is None else f"{alter} SET {name} = off"
    return (Step(None, f"{alter} SET {name} = on"),), (Step(None, undo),)


def _refuse_prepared(sync: Sync, source: Connection) -> None:
    if prepared := sides.prepared_transactions(source):
        raise FenceFailed(
            f"{sync.source}: prepared transactions are open, which no fence holds back: "
            f"{', '.join(prepared[:5])}. {_UNCHANGED}",
            remedy="COMMIT PREPARED or ROLLBACK PREPARED each, then try again.",
        )
