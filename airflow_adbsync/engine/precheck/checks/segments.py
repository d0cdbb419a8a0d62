"""Every segment of a Greenplum or AnalyticDB target is up, and the connection leads to the coordinator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, alert, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted

NAME = "segments"


def assess(role: str, segments: Sequence[tuple[int, str, str]]) -> Iterator[Finding]:
    """``role`` is the session's gp_role; ``segments``: content, role (p, m) and status (u, d) of each."""
    if role != "dispatch":
        yield failed(
            NAME,
            f"The connection leads to a single segment (gp_role is {role}).",
            "Point the target's connection at the coordinator.",
            subject="target",
        )
        return
    down = [(content, kind) for content, kind, status in segments if status != "u"]
    if any(kind == "p" for _, kind in down):
        contents = ", ".join(str(content) for content, kind in down if kind == "p")
        yield failed(
            NAME, f"Primaries are down: content {contents}.", "Recover them: gprecoverseg.", subject="target"
        )
    elif down:
        yield alert(
            NAME,
            f"{counted(len(down), 'mirror')} down: the loss of one more segment would stop the target.",
            "Recover them: gprecoverseg.",
            subject="target",
        )
    else:
        count = len({content for content, _, _ in segments if content >= 0})
        yield passed(NAME, f"{counted(count, 'segment')}, all up.", subject="target")


def _look(context: Context) -> Iterator[Finding]:
    if not capabilities(context.target.server).distributed:
        yield passed(NAME, "The target has no segments.", subject="target")
        return
    (role,) = context.target.row("gp_role")
    segments = context.target.rows("segments")
    yield from assess(role, [(content, kind, status) for content, kind, status in segments])


CHECK = Check(NAME, _look)
