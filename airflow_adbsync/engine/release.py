"""Releasing a sync: what it made on the source goes, what it changed there is put back, the data stays."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace

from airflow_adbsync.engine import origin, publication, replica_identity, slot, state
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import (
    AdbsyncError,
    ConnectionFailed,
    LoginRefused,
    SourceSwapped,
    SyncRunning,
)
from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.state.fences import Fence
from airflow_adbsync.engine.state.identities import IdentityChange
from airflow_adbsync.engine.state.syncs import SyncRecord
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
_ENDED_WITHIN = 30.0
_WAY_OUT = "Or release with force, which leaves the source as it is and forgets the sync."
_OUT_OF_REACH = (ConnectionFailed, LoginRefused, SourceSwapped)


@dataclass(frozen=True, slots=True)
class Released:
    """What was there and is gone; ``known``: the target knew the sync; ``left`` says what stays where."""

    known: bool = False
    slot_dropped: bool = False
    publication_dropped: bool = False
    identities_restored: tuple[IdentityChange, ...] = ()
    left: tuple[str, ...] = ()


def release(sync: Sync, *, force: bool = False) -> Released:
    """Drop slot and publication, put replica identities back, forget the sync; tables keep their rows.

    Safe to run again; what is gone already is no error. A slot of the sync's name that the target knows
    nothing of is left alone. With ``force``, an applier and loads that run are ended, such a slot is dropped
    too, and a side that can't be reached (or a source that is another one by now) stays as it is.

    Raises:
        SyncRunning: an applier, a load or another reader of the slot runs.
        ConnectionFailed, LoginRefused: a server can't be reached.
        SourceSwapped: the source is not the one with which the sync was started.
        ControlSchemaNewer: a newer adbsync has been here.
        LockNotObtained: a table whose replica identity must be put back stayed locked.
    """
    with state.phases.running(sync.target, sync.sync_id, "release"):
        try:
            target = connect(sync.target, autocommit=True)
        except _OUT_OF_REACH as error:
            released = _release_source_only(sync, error, force=force)
        else:
            with typed_errors(sync.target, "releasing the sync"), target:
                released = _release(sync, target, force=force)
    for thing in released.left:
        _LOG.warning("Left behind: %s", thing)
    _LOG.info("Sync %s released.", sync.sync_id)
    return released


def _release(sync: Sync, target: Connection, *, force: bool) -> Released:
    state.ownership.hold_setup(target, sync.sync_id)
    _take_over(target, sync.sync_id, force=force)
    present = state.is_present(target)
    if present:
        with target.transaction():
            state.ensure(target)
    record = state.syncs.find(target, sync.sync_id) if present else None
    fence = state.fences.find(target, sync.sync_id) if present else None
    if fence and not fence.switched_at and not force:
        raise SyncRunning(
            f"Sync {sync.sync_id!r} can't be released: its source is fenced for a cut-over that has not "
            "come to its end.",
            remedy="Finish the cut-over or abort it, then release.",
        )
    try:
        released = _clean_source(sync, record, force=force)
    except _OUT_OF_REACH as error:
        if not force:
            raise type(error)(error.what, remedy=f"{error.remedy} {_WAY_OUT}") from error
        changes = state.identities.read(target, sync.sync_id) if present else ()
        released = Released(known=record is not None, left=_left_on_source(sync, error, changes))
    if present:
        with target.transaction():
            state.syncs.forget(target, sync.sync_id)
        origin.drop(target, sync.sync_id)
    if fence and fence.undo:
        released = replace(released, left=(*released.left, _fenced(sync, fence)))
    return replace(released, known=record is not None)


def _fenced(sync: Sync, fence: Fence) -> str:
    """Whoever releases a sync after the cut-over may still want to open its source again."""
    steps = (
        f"SET ROLE {quote_identifier(step.role)}; {step.sql}; RESET ROLE" if step.role else step.sql
        for step in fence.undo
    )
    return f"the fence of {sync.source}, which keeps writes out; to let them in: {'; '.join(steps)};"


def _take_over(target: Connection, sync_id: str, *, force: bool) -> None:
    """Hold the applier's and the loads' locks, so that neither begins while this session lives."""
    deadline = time.monotonic() + (_ENDED_WITHIN if force else 0.0)
    while runs := _what_runs(target, sync_id):
        if time.monotonic() >= deadline:
            raise SyncRunning(
                f"Sync {sync_id!r} can't be released: {runs}.",
                remedy="Stop its tasks first, or release with force, which ends them.",
            )
        ownership = state.ownership
        for pid in (*ownership.owner_pids(target, sync_id), *ownership.load_pids(target, sync_id)):
            target.execute("SELECT pg_terminate_backend(%s)", (pid,))
        time.sleep(0.1)


def _what_runs(target: Connection, sync_id: str) -> str:
    """In words; nothing where this session now holds both locks."""
    if not state.ownership.try_own(target, sync_id):
        progress = state.progress.find(target, sync_id) if state.is_present(target) else None
        return f"it is being applied by {(progress and progress.owner) or 'an applier'}"
    if not state.ownership.try_bar_loads(target, sync_id):
        state.ownership.disown(target, sync_id)
        return f"{state.ownership.loads_running(target, sync_id)} load(s) of its tables run"
    return ""


def _clean_source(sync: Sync, record: SyncRecord | None, *, force: bool) -> Released:
    released = Released()
    if record is not None or force:
        with typed_errors(sync.source, "releasing the sync"), connect(sync.source, autocommit=True) as source:
            if record is not None:
                slot.require_same_source(record, slot.read_source(source, sync.source))
            released = _drop(sync, source, force=force)
    return replace(released, identities_restored=replica_identity.restore(sync))


def _drop(sync: Sync, source: Connection, *, force: bool) -> Released:
    dropped = slot.drop(source, sync.slot_name, end_reader=force)
    published = publication.find(source, sync.slot_name) is not None
    if published:
        publication.drop(source, sync.slot_name)
    return Released(slot_dropped=dropped, publication_dropped=published)


def _release_source_only(sync: Sync, error: AdbsyncError, *, force: bool) -> Released:
    """A slot keeps WAL on the source until its disk is full: it must go even where the target is gone."""
    if not force:
        raise error
    with typed_errors(sync.source, "releasing the sync"), connect(sync.source, autocommit=True) as source:
        released = _drop(sync, source, force=True)
    where = f"the record of sync {sync.sync_id} in schema adbsync of {sync.target}"
    return replace(
        released, left=(f"{where}, and with it the replica identities to put back ({error.what})",)
    )


def _left_on_source(sync: Sync, error: AdbsyncError, changes: tuple[IdentityChange, ...]) -> tuple[str, ...]:
    name = sync.slot_name
    made = (
        f"slot and publication {name} on {sync.source}, as far as they exist ({error.what}); there: "
        f"SELECT pg_drop_replication_slot('{name}'); DROP PUBLICATION {quote_identifier(name)};"
    )
    tables = ", ".join(f"{change.name} (was {change.before.name})" for change in changes)
    return (made, f"replica identity {changes[0].after.name} of {tables}") if changes else (made,)
