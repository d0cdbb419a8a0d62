"""How much of a transaction the source keeps in memory (PostgreSQL doc: logical_decoding_work_mem)."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.amounts import size
from airflow_adbsync.engine.precheck.check import Check, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "logical_decoding_work_mem"
_USUAL = 64 << 20


def assess(amount: float | None) -> Finding:
    """Bytes; None before PostgreSQL 13, which counts changes instead. Larger transactions go to disk."""
    if amount is None:
        return passed(NAME, "This version spills a transaction of more than 4096 changes.", subject="source")
    found = f"Transactions of more than {size(amount)} spill to the source's disk while they are read."
    hint = " More is faster: ALTER SYSTEM SET logical_decoding_work_mem = '64MB';" if amount < _USUAL else ""
    return passed(NAME, found + hint, subject="source")


def _look(context: Context) -> Iterator[Finding]:
    setting = context.source.settings.get("logical_decoding_work_mem")
    yield assess(setting.amount if setting else None)


CHECK = Check(NAME, _look)
