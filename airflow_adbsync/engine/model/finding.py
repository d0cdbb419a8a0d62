"""What a check found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended; an alert can be acknowledged, a failure can't, a broken check could not run."""

    PASSED = "passed"
    ALERT = "alert"
    FAILED = "failed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of one check, about one object or about a whole server.

    A finding that did not pass says in ``remedy`` what to do, as SQL to paste or in words.
    """

    check: str
    status: Status
    found: str
    remedy: str = ""
    subject: str = ""
