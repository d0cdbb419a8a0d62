"""What is in the source and will not be on the target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.schema import unsupported

NAME = "unsupported_objects"


def assess(found: Sequence[Finding]) -> Iterator[Finding]:
    """One finding for each object that is left behind."""
    yield from (replace(finding, check=NAME) for finding in found)
    if not found:
        yield passed(NAME, "Everything that belongs to the selected tables can be carried.", subject="source")


def _look(context: Context) -> Iterator[Finding]:
    _ = context.relations  # a selection that can't be read is another check's matter
    config = context.sync.config
    source, target = context.source.connection, context.target.connection
    with typed_errors(context.source.endpoint, "looking for unsupported objects"):
        yield from assess(unsupported(source, target, config.objects, config.schema_options))


CHECK = Check(NAME, _look)
