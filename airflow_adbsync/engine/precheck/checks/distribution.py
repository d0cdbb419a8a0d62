"""Where the tables will live on a target that spreads rows over segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from airflow_adbsync.engine.config import DistributionOptions, StorageOptions
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Finding, Status
from airflow_adbsync.engine.precheck.check import Check, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.side import NotRun
from airflow_adbsync.engine.schema import placement_findings

NAME = "distribution"


def assess(found: Sequence[Finding], *, distributed: bool) -> Iterator[Finding]:
    """What was decided, table by table where it is more than a choice."""
    yield from (replace(finding, check=NAME) for finding in found)
    if not found:
        words = "There is no table to place." if distributed else "The target keeps all rows in one place."
        yield passed(NAME, words, subject="target")


def _look(context: Context) -> Iterator[Finding]:
    _ = context.relations  # a selection that can't be read is another check's matter
    config = context.sync.config
    distributed = capabilities(context.target.server).distributed
    found: Sequence[Finding] = ()
    # To read every table's definition takes long with many, so not where there is nothing to decide.
    if distributed or config.distribution != DistributionOptions() or config.storage != StorageOptions():
        found = _placements(context)
    yield from assess(found, distributed=distributed)


def _placements(context: Context) -> Sequence[Finding]:
    source, target = context.source.connection, context.target.connection
    with typed_errors(context.target.endpoint, "deciding where tables live"):
        try:
            return placement_findings(source, target, context.sync.config)
        except ConfigError as error:  # said by the check of unsupported objects
            raise NotRun("the tables can't have the names and shapes that are configured") from error


CHECK = Check(NAME, _look, hands_on=(Status.FAILED, Status.ALERT))
