"""Whether a row differs, or only looks so because it is on its way; pure.

The target at any moment is the source as it was at some place of its log. Two sessions can't be read at the
same place, so a difference proves nothing by itself. It does in either of two cases:

- The source's row is the same version before and after the target was read, and the target had passed the
  place at which the source was read first: whatever place the target showed, the source's row was this one.
- The target's row is the same version before and after the source was read, and the target had passed that
  place when it was read again: had the source's row become like it only later, the applier would have
  written it meanwhile.

(The applier holds changes back that the source itself does not show yet, so the target is never ahead.)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a row differs."""

    DIFFERENT = "different"
    MISSING_ON_TARGET = "missing on target"
    MISSING_ON_SOURCE = "missing on source"
    UNSETTLED = "unsettled"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is under a name on one side: how many rows, the sum of their hashes, that of their versions."""

    rows: int
    hashes: str
    versions: str

    def same_rows(self, other: Seen | None) -> bool:
        """Tell whether the rows are equal, whatever their versions."""
        return other is not None and (self.rows, self.hashes) == (other.rows, other.hashes)


NOTHING = Seen(0, "", "")


@dataclass(frozen=True, slots=True)
class Look:
    """The source, and then the target once it had passed the place at which the source was read."""

    source: Seen
    target: Seen

    @property
    def agrees(self) -> bool:
        """Tell whether both sides show the same rows."""
        return self.source.same_rows(self.target)

    @property
    def kind(self) -> Kind:
        """How they differ."""
        if self.source.rows == self.target.rows:
            return Kind.DIFFERENT
        return Kind.MISSING_ON_TARGET if self.source.rows > self.target.rows else Kind.MISSING_ON_SOURCE

    @property
    def weight(self) -> int:
        """How many rows differ."""
        return abs(self.source.rows - self.target.rows) or self.source.rows


def agrees(before: Look | None, now: Look) -> bool:
    """Tell whether the sides agree: in this look, or the source now with what the target was before."""
    return now.agrees or (before is not None and now.source.same_rows(before.target))


def is_proven(before: Look, now: Look, *, has_key: bool) -> bool:
    """Tell whether two looks, both with a difference, prove that the row differs.

    Rows without a key can come and go under one name, so there neither side may have moved.
    """
    source_stood = before.source == now.source
    target_stood = before.target == now.target
    if not has_key:
        return source_stood and target_stood
    return (source_stood and now.source.rows > 0) or (target_stood and now.target.rows > 0)


def is_known_here(before: Look, now: Look, *, has_key: bool) -> bool:
    """Tell whether the source's row, as it is now, is what it was at the place where the target stands now.

    The target stands still meanwhile, for its table is locked. ``before`` is a look whose target was read
    first, and whose source was read at a place that the target has passed.
    """
    if before.source != now.source:
        return False
    return before.target == now.target or (has_key and now.source.rows > 0)
