"""Whether and how a target's sequence must be moved; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from airflow_adbsync.engine.sequences.sequence import SequenceState, is_behind, next_value


class Misfit(ValueError):
    """The target's sequence can't stand where the source's stands; the text says why."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The arguments of setval() (PostgreSQL doc: Sequence Manipulation Functions)."""

    last_value: int
    is_called: bool


def ahead(source: SequenceState, margin: int) -> SequenceState:
    """The source's sequence as it would stand after so many more values, or at its bound."""
    last = source.last_value + margin * source.increment
    return replace(source, last_value=max(source.minimum, min(source.maximum, last)))


def decide(source: SequenceState, target: SequenceState) -> Setting | None:
    """Return how to set the target so that its next value is not behind the source's; None if it is not.

    The target never moves back. It gets the source's very row where that gives the same next value, so that
    people who compare the two see the same.

    Raises:
        Misfit: the sequences count in opposite directions, or the value is out of the target's bounds.
    """
    if source.ascending != target.ascending:
        raise Misfit("the one ascends and the other descends")
    wanted = next_value(source)
    if not is_behind(next_value(target), wanted, ascending=target.ascending):
        return None
    setting = _setting(source, wanted, target)
    if not _holds(target, setting.last_value):
        raise Misfit(f"{setting.last_value} is not between its bounds {target.minimum} and {target.maximum}")
    moved = next_value(placed(target, setting))
    return setting if is_behind(next_value(target), moved, ascending=target.ascending) else None


def _setting(source: SequenceState, wanted: int | None, target: SequenceState) -> Setting:
    row = Setting(source.last_value, source.is_called)
    if wanted is None:
        return row
    same_next = _holds(target, row.last_value) and next_value(placed(target, row)) == wanted
    return row if same_next else Setting(wanted, is_called=False)


def _holds(target: SequenceState, value: int) -> bool:
    return target.minimum <= value <= target.maximum


def placed(target: SequenceState, setting: Setting) -> SequenceState:
    """The target's sequence after the setting."""
    return replace(target, last_value=setting.last_value, is_called=setting.is_called)
