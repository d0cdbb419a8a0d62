"""The control schema on the target is not a newer adbsync's."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "control_schema"


def assess(version: int | None, known: int = state.VERSION) -> Finding:
    """``version`` is None where there is no control schema."""
    if version is None:
        return passed(NAME, "There is none yet; schema adbsync will be created.", subject="target")
    if version > known:
        return failed(
            NAME,
            f"It has version {version}; this adbsync knows up to {known}.",
            "Upgrade airflow-provider-adbsync on this machine.",
            subject="target",
        )
    if version < known:
        return passed(NAME, f"It has version {version} and will be upgraded to {known}.", subject="target")
    return passed(NAME, f"It has version {version}.", subject="target")


def _look(context: Context) -> Iterator[Finding]:
    with typed_errors(context.target.endpoint, "looking for the control schema"):
        present = state.is_present(context.target.connection)
    yield assess(context.target.row("control_schema")[0] if present else None)


CHECK = Check(NAME, _look)
