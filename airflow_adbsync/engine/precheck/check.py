"""A check: its name, and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from airflow_adbsync.engine.model import Finding, Status
from airflow_adbsync.engine.precheck.context import Context


@dataclass(frozen=True, slots=True)
class Check:
    """``name`` is what a user acknowledges; ``run`` reads, and has a pure function judge what it read.

    A ``slow`` check takes seconds, so it begins before the others. ``hands_on`` says how findings end that
    another package makes for it.
    """

    name: str
    run: Callable[[Context], Iterable[Finding]]
    slow: bool = False
    hands_on: tuple[Status, ...] = ()


def passed(check: str, found: str, *, subject: str = "") -> Finding:
    """All is well; ``found`` may hold a hint."""
    return Finding(check, Status.PASSED, found, subject=subject)


def alert(check: str, found: str, remedy: str, *, subject: str = "") -> Finding:
    """Data or behaviour will differ on the target, unless the user says that this is fine."""
    return Finding(check, Status.ALERT, found, remedy, subject)


def failed(check: str, found: str, remedy: str, *, subject: str = "") -> Finding:
    """The sync can't work like this."""
    return Finding(check, Status.FAILED, found, remedy, subject)
