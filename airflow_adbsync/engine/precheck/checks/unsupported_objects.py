"""What is in the source and will not be on the target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from airflow_adbsync.engine.model import Finding, Status
from airflow_adbsync.engine.precheck.check import Check, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "unsupported_objects"


def assess(found: Sequence[Finding]) -> Iterator[Finding]:
    """One finding for each object that is left behind."""
    yield from (replace(finding, check=NAME) for finding in found)
    if not found:
        yield passed(NAME, "Everything that belongs to the selected tables can be carried.", subject="source")


def _look(context: Context) -> Iterator[Finding]:
    yield from assess([item for item in context.unsupported if not item.subject.startswith("extension ")])


CHECK = Check(NAME, _look, hands_on=(Status.FAILED, Status.ALERT))
