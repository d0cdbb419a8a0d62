"""Both servers are of a version that can do what a sync needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.dialect.capabilities import describe
from airflow_adbsync.engine.model import Family, Finding, Server
from airflow_adbsync.engine.precheck.check import Check, alert, failed, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "versions"
_OLDEST = 120_000
_OLDEST_CDC_KERNEL = (7, 2, 1, 4)
_KERNEL = re.compile(r"(?:analyticdb|adbpg)\D*(\d+)\.(\d+)\.(\d+)\.(\d+)", re.IGNORECASE)


def assess(side: str, server: Server) -> Finding:
    """Judge one side's server; only the source has to deliver changes."""
    what = describe(server)
    if server.version_num < _OLDEST:
        return failed(NAME, f"{what} is too old.", "Use a kernel of PostgreSQL 12 or newer.", subject=side)
    if side == "source" and not capabilities(server).logical_decoding:
        return failed(
            NAME,
            f"{what} has no logical decoding of all its tables, so it can't be a source.",
            "Use it as a target, or PostgreSQL or AnalyticDB for PostgreSQL as the source.",
            subject=side,
        )
    if side == "source" and server.family is Family.ANALYTICDB:
        return _assess_kernel(side, what, kernel(server.version))
    return passed(NAME, f"{what}.", subject=side)


def kernel(version: str) -> tuple[int, ...] | None:
    """AnalyticDB's own kernel version in the text of ``version()``, or None where it isn't said."""
    found = _KERNEL.search(version)
    return tuple(int(part) for part in found.groups()) if found else None


def _assess_kernel(side: str, what: str, found: tuple[int, ...] | None) -> Finding:
    wanted = ".".join(map(str, _OLDEST_CDC_KERNEL))
    if found is None:
        return alert(
            NAME,
            f"{what} does not say its kernel version; delivering changes takes {wanted} or newer.",
            "Look the instance's kernel version up in its console.",
            subject=side,
        )
    text = ".".join(map(str, found))
    if found < _OLDEST_CDC_KERNEL:
        return failed(
            NAME,
            f"{what}: kernel {text} can't deliver changes.",
            f"Upgrade the instance to {wanted} or newer.",
            subject=side,
        )
    return passed(NAME, f"{what}, kernel {text}.", subject=side)


def _look(context: Context) -> Iterator[Finding]:
    for side in (context.source, context.target):
        yield assess(side.name, side.server)


CHECK = Check(NAME, _look)
