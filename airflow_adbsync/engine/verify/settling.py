"""Looking again while the target is behind, so that lag is not taken for a difference."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from airflow_adbsync.engine.model import Lsn, QualifiedName
from airflow_adbsync.engine.state.verifications import TableVerification
from airflow_adbsync.engine.verify.looking import Both, Question, ask, compare
from airflow_adbsync.engine.verify.progress import applied_lsn, is_applying, source_lsn

_LOG = logging.getLogger(__name__)
_LOOKS = 6
_POLL = 0.25


def look_again(
    both: Both, sync_id: str, questions: Sequence[Question], settle: timedelta
) -> dict[QualifiedName, TableVerification]:
    """Look at the tables a few more times within ``settle``, and return what was seen last of those seen.

    Each time the source is read first, and the target once it has passed that place of the log (or when this
    look's share of the time is over).
    """
    deadline = time.monotonic() + settle.total_seconds()
    share = settle.total_seconds() / _LOOKS
    found: dict[QualifiedName, TableVerification] = {}
    pending = list(questions)
    while pending and time.monotonic() < deadline and _may_settle(both, sync_id):
        _LOG.info("%d tables differ while the target is behind; looking again.", len(pending))
        until = min(deadline, time.monotonic() + share)
        source = ask(both.source, pending)
        _await(both, sync_id, source_lsn(both.source), until)
        target = ask(both.target, pending)
        found |= {item.name: compare(item.name, source[item.name], target[item.name]) for item in pending}
        pending = [item for item in pending if not found[item.name].equal]
        if pending:
            time.sleep(min(_POLL, share))
    return found


def with_lag(both: Both, sync_id: str, result: TableVerification) -> TableVerification:
    """Note by how much the target is behind, beside a difference."""
    applied = applied_lsn(both.target, sync_id)
    if result.equal or applied is None:
        return result
    return replace(result, behind=max(0, source_lsn(both.source) - applied))


def _may_settle(both: Both, sync_id: str) -> bool:
    """Only replication can mend a difference: an applier at work, or changes that are yet to be applied."""
    applied = applied_lsn(both.target, sync_id)
    return applied is not None and (is_applying(both.target, sync_id) or applied < source_lsn(both.source))


def _await(both: Both, sync_id: str, lsn: Lsn, until: float) -> None:
    while time.monotonic() < until:
        applied = applied_lsn(both.target, sync_id)
        if applied is not None and applied >= lsn:
            return
        time.sleep(_POLL)
