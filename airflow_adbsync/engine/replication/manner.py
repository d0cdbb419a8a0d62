"""What to do where the target does not hold what the stream takes for granted. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from airflow_adbsync.engine.config import ConflictRule, Operation


class Missing(StrEnum):
    """A row that was changed on the source is not on the target."""

    FAIL = "fail"
    INSERT = "insert"
    SKIP = "skip"


class Existing(StrEnum):
    """A row of the target stands where a row of the source arrives."""

    FAIL = "fail"
    REPLACE = "replace"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a table's changes are carried over.

    ``expected`` tells that such rows are no surprise, so they are looked for at once and not counted.
    ``partial`` is what becomes of an update whose row is missing and whose large values were not sent.
    """

    missing: Missing = Missing.FAIL
    existing: Existing = Existing.FAIL
    partial: Missing = Missing.FAIL
    expected: bool = False

    @property
    def is_strict(self) -> bool:
        """Tell whether any such row is an error."""
        return self.missing is Missing.FAIL and self.existing is Existing.FAIL


STRICT = Manner()
_BY_RULE = {
    ConflictRule.FAIL: STRICT,
    ConflictRule.OVERWRITE: Manner(Missing.INSERT, Existing.REPLACE),
    ConflictRule.IGNORE: Manner(Missing.SKIP, Existing.SKIP, Missing.SKIP),
}
# What a filter has kept away, or lets in now, is not on the target, and no conflict.
_FILTERED = Manner(Missing.INSERT, Existing.REPLACE, expected=True)
# Each row's last state counts, whatever of it was there already.
FINAL_IMAGES = Manner(Missing.INSERT, Existing.REPLACE, Missing.SKIP, expected=True)


def manner_of(rule: ConflictRule, operations: frozenset[Operation], *, filtered: bool) -> Manner:
    """Choose by what the configuration says about the sync and the table."""
    if operations < frozenset(Operation):
        missing = Missing.INSERT if Operation.INSERT in operations else Missing.SKIP
        return Manner(missing, Existing.REPLACE, Missing.SKIP, expected=True)
    return _FILTERED if filtered else _BY_RULE[rule]
