"""Both servers answer and let the account in."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.dialect.capabilities import describe
from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "connectivity"


def assess(side: str, address: str, answer: str | AdbsyncError) -> Finding:
    """``answer`` is the server's description of itself, or why there is none."""
    if isinstance(answer, AdbsyncError):
        return failed(NAME, answer.what, answer.remedy, subject=side)
    return passed(NAME, f"{address}: {answer}.", subject=side)


def _look(context: Context) -> Iterator[Finding]:
    for side in (context.source, context.target):
        answer = side.reach() or describe(side.server)
        yield assess(side.name, str(side.endpoint), answer)


CHECK = Check(NAME, _look)
