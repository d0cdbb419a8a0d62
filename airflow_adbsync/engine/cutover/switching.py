"""The cut-over while writes are fenced: all of it in one go, and undone where a step of it fails."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from airflow_adbsync.engine import schema, sequences, state, verify
from airflow_adbsync.engine.config import CutoverVerify
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.cutover import sides
from airflow_adbsync.engine.cutover.aborting import abort, finish_abort
from airflow_adbsync.engine.cutover.draining import drain, require_silence
from airflow_adbsync.engine.cutover.fencing import fence
from airflow_adbsync.engine.cutover.reversing import begin_reverse, prepare_reverse
from airflow_adbsync.engine.cutover.standing import find_fence, require_fence
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.state.fences import SequenceRow, Step
from airflow_adbsync.engine.sync import Sync

_Result = TypeVar("_Result")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Switched:
    """A cut-over that was made; ``seconds`` is for how long nobody could write, ``steps`` what took it.

    ``back`` is the sync that brings writes back, where one was begun.
    """

    lsn: Lsn
    seconds: float
    steps: dict[str, float]
    back: Sync | None = None


def switch(sync: Sync) -> Switched:
    """Fence, drain, verify, set sequences, activate, begin the way back, and let the target take over.

    Whatever fails before the last of these is undone: both sides are as they were, and writes go to the
    source. Run again after it was killed, it goes on; run again after it was made, it says so.

    Raises:
        FenceFailed, FenceLeaked, VerificationMismatch, AdbsyncError: nothing was switched.
    """
    made = find_fence(sync)
    if made and made.switched_at:
        return complete(sync, {})
    finish_abort(sync)
    back = prepare_reverse(sync) if sync.config.cutover.reverse else None
    took: dict[str, float] = {}
    try:
        final = _timed(took, "fence", lambda: fence(sync)).final_lsn
        _timed(took, "drain", lambda: drain(sync))
        _timed(took, "verify", lambda: _verify(sync))
        _timed(took, "sequences", lambda: set_sequences(sync))
        _timed(took, "activate", lambda: activate(sync))
        if back:
            _timed(took, "reverse", lambda: begin_reverse(sync, back))
        _timed(took, "silence", lambda: require_silence(sync))
    except BaseException:
        _LOG.exception("The cut-over is aborted; both sides are brought back to where they were.")
        abort(sync)
        raise
    assert final is not None  # noqa: S101 - a fence that stands has one
    return complete(sync, took, back)


def complete(sync: Sync, took: dict[str, float], back: Sync | None = None) -> Switched:
    """Let the target take over, as the last step; from here on there is no abort, but a way back.

    Where a fence kept writes out of the target, it goes in the same transaction: nobody writes there before
    it is written down. Safe to run again.

    Raises:
        NotFenced: the source is not fenced.
    """
    require_fence(sync)
    with connect(sync.target, autocommit=True) as target, typed_errors(sync.target, "switching"):
        opening = state.fences.opening(target, sync.sync_id)
        with target.transaction():
            sides.run(target, opening)
            state.fences.set_switched(target, sync.sync_id)
        if _is_read_only(opening):
            sides.end_sessions(target)
        state.fences.set_opening(target, sync.sync_id, ())
        made = state.fences.find(target, sync.sync_id)
    assert made is not None  # noqa: S101 - required above
    assert made.final_lsn is not None  # noqa: S101
    seconds = made.seconds or 0.0
    parts = ", ".join(f"{name} {spent:.2f} s" for name, spent in took.items())
    _LOG.info(
        "The target %s has taken over at %s; writes were fenced for %.2f s%s.",
        sync.target,
        made.final_lsn,
        seconds,
        f" ({parts})" if parts else "",
    )
    return Switched(made.final_lsn, seconds, took, back)


def take_over(sync: Sync) -> Switched:
    """Let the target take over, unless the source was written to in spite of the fence; safe to run again.

    Raises:
        NotFenced: the source is not fenced.
        FenceLeaked: it is, and was written to.
    """
    if require_fence(sync).switched_at is None:
        require_silence(sync)
    return complete(sync, {})


def set_sequences(sync: Sync) -> tuple[sequences.SequenceAligned, ...]:
    """Set the target's sequences, where the source is fenced with a note of where they stood."""
    fenced = find_fence(sync)
    if fenced and not fenced.switched_at:
        found = [SequenceRow(name.sql, *rest) for name, rest in sequences.positions(sync).items()]
        with connect(sync.target, autocommit=True) as target, typed_errors(sync.target, "noting sequences"):
            state.fences.note_sequences(target, sync.sync_id, found)
    return sequences.align(sync)


def activate(sync: Sync) -> schema.SchemaResult | None:
    """Switch on what the schema phase made disabled; None where it has made nothing."""
    with connect(sync.target, autocommit=True) as target, typed_errors(sync.target, "reading what was made"):
        made = state.statements.done(target, sync.sync_id)
    return schema.activate(sync) if made else None


def _verify(sync: Sync) -> None:
    mode = sync.config.cutover.verify
    if mode is CutoverVerify.NONE:
        return
    options = sync.config.verify.replaced(mode=mode.value, repair=False, tables=())
    verify.raise_on_mismatch(verify.verify(sync, options=options))


def _is_read_only(opening: Iterable[Step]) -> bool:
    """Sessions that began under a read-only database stay so."""
    return any("default_transaction_read_only" in step.sql for step in opening)


def _timed(took: dict[str, float], name: str, step: Callable[[], _Result]) -> _Result:
    began = time.monotonic()
    try:
        return step()
    finally:
        took[name] = time.monotonic() - began
