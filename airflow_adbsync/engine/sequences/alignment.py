"""Setting the target's sequences."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import RelationDrifted
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sequences.decision import Misfit, Setting, ahead, decide, placed
from airflow_adbsync.engine.sequences.reading import read_sequences, read_states
from airflow_adbsync.engine.sequences.selection import pair, select
from airflow_adbsync.engine.sequences.sequence import Sequence, SequenceState, next_value
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
_BEGIN_READING = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


@dataclass(frozen=True, slots=True)
class SequenceAligned:
    """One sequence of the target: its next value as found and as left; None where it is used up."""

    name: QualifiedName
    source_next: int | None
    before: int | None
    after: int | None

    @property
    def moved(self) -> bool:
        """Tell whether it was set."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class _Move:
    name: QualifiedName
    wanted: SequenceState
    found: SequenceState
    setting: Setting | None


def align(sync: Sync) -> tuple[SequenceAligned, ...]:
    """Set the target's sequences so that none gives a value again that the source has given.

    Carried are the sequences that the sync's tables own or use in defaults, and those in the selected schemas
    that no other table owns. None is moved back, so this can be run at any time and again; what counts is the
    run after the last row was written on the source. ``sequences.margin`` values more are left out. All are
    set in one transaction, which takes nothing back: another run finishes what one has begun.

    Raises:
        SyncUnknown: the sync was not started.
        RelationDrifted: sequences are missing on the target, or can't stand where the source's stand.
    """
    with state.phases.running(sync.target, sync.sync_id, "sequences"):
        with connect(sync.target) as target, typed_errors(sync.target, "setting sequences"):
            state.syncs.get(target, sync.sync_id)
            moves = _moves(sync, target, margin=sync.config.sequences.margin)
            aligned = tuple(_move(target, move) for move in moves)
        moved = sum(sequence.moved for sequence in aligned)
        _LOG.info("Sequences: %d in all, %d moved forward.", len(aligned), moved)
        return aligned


def behind(sync: Sync) -> tuple[SequenceAligned, ...]:
    """Return the target's sequences that would give a value again that the source has given; none is set.

    Raises:
        SyncUnknown: the sync was not started.
        RelationDrifted: sequences are missing on the target, or can't stand where the source's stand.
    """
    with connect(sync.target) as target, typed_errors(sync.target, "comparing sequences"):
        state.syncs.get(target, sync.sync_id)
        moves = _moves(sync, target, margin=0)
    return tuple(
        SequenceAligned(move.name, next_value(move.wanted), next_value(move.found), next_value(move.found))
        for move in moves
        if move.setting
    )


def positions(sync: Sync) -> dict[QualifiedName, tuple[int, bool]]:
    """Return where the target's sequences stand: the last value, and whether it has been given."""
    with connect(sync.target) as target, typed_errors(sync.target, "reading sequences"):
        moves = _moves(sync, target, margin=0)
    return {move.name: (move.found.last_value, move.found.is_called) for move in moves}


def _moves(sync: Sync, target: Connection, *, margin: int) -> list[_Move]:
    tables = frozenset(state.relations.read(target, sync.sync_id))
    source_sequences, source_states = _read_source(sync, tables)
    pairs = _pairs(sync, source_sequences, read_sequences(target))
    standing = read_states(target, [counterpart for _, counterpart in pairs])
    return [
        _decide(sync, counterpart, ahead(source_states[sequence.name], margin), standing[counterpart.name])
        for sequence, counterpart in pairs
    ]


def _read_source(
    sync: Sync, tables: frozenset[QualifiedName]
) -> tuple[tuple[Sequence, ...], dict[QualifiedName, SequenceState]]:
    with connect(sync.source, autocommit=True) as source, typed_errors(sync.source, "reading sequences"):
        source.execute(_BEGIN_READING)
        sequences = select(read_sequences(source), tables, sync.config.objects.schemas)
        states = read_states(source, sequences)
        source.execute("COMMIT")
    return sequences, states


def _pairs(
    sync: Sync, source: tuple[Sequence, ...], target: tuple[Sequence, ...]
) -> list[tuple[Sequence, Sequence]]:
    pairs, missing = pair(source, target, sync.shapes)
    if missing:
        raise RelationDrifted(
            f"Sequences of the source are not on the target ({sync.target}): "
            f"{', '.join(str(sequence.name) for sequence in missing)}.",
            remedy="Run the schema phase, or create them; then run this again. No sequence has been set.",
        )
    return pairs


def _decide(sync: Sync, sequence: Sequence, wanted: SequenceState, found: SequenceState) -> _Move:
    try:
        return _Move(sequence.name, wanted, found, decide(wanted, found))
    except Misfit as misfit:
        raise RelationDrifted(
            f"Sequence {sequence.name} on the target ({sync.target}) can't follow the source's: {misfit}. "
            "No sequence has been set.",
            remedy=f"Mend it with ALTER SEQUENCE {sequence.name.sql} ..., then run this again.",
        ) from misfit


def _move(target: Connection, move: _Move) -> SequenceAligned:
    before, source_next = next_value(move.found), next_value(move.wanted)
    if move.setting is None:
        return SequenceAligned(move.name, source_next, before, before)
    target.execute(
        "SELECT setval(%s::regclass, %s, %s)",
        (move.name.sql, move.setting.last_value, move.setting.is_called),
    )
    after = next_value(placed(move.found, move.setting))
    _LOG.info("%s: next value %s, was %s.", move.name, after, before)
    return SequenceAligned(move.name, source_next, before, after)
