"""The configuration selects tables that are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Finding, Relation
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted

NAME = "objects"


def assess(relations: Sequence[Relation]) -> Finding:
    """Say how much there is to carry, by the catalog's estimates."""
    size = sum(relation.bytes for relation in relations)
    return passed(NAME, f"{counted(len(relations), 'table')}, about {size / 1024**2:,.0f} MB.")


def refusal(error: ConfigError) -> Finding:
    """The selection can't be used."""
    return failed(NAME, error.what, error.remedy)


def _look(context: Context) -> Iterator[Finding]:
    error = context.select()
    yield refusal(error) if error else assess(context.relations)


CHECK = Check(NAME, _look)
