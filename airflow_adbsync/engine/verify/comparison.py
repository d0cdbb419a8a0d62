"""Comparing the sync's tables."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.events import EventSink, TableVerified, ignore
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state.verifications import TableVerification
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify.looking import Both, Question, look
from airflow_adbsync.engine.verify.settling import look_again, with_lag
from airflow_adbsync.engine.verify.side import open_side
from airflow_adbsync.engine.verify.statements import choose_hash, fingerprint
from airflow_adbsync.engine.verify.tables import read_tables

_LOG = logging.getLogger(__name__)
_AT_A_TIME = 4


def verify(
    sync: Sync, on_event: EventSink = ignore, settle: timedelta = timedelta(seconds=30)
) -> tuple[TableVerification, ...]:
    """Compare every table of the sync as a multiset of rows, and store the results.

    While changes are being applied the target is always a little behind: a table that differs is then looked
    at again, a few times within ``settle``, before the difference counts.

    Raises:
        SyncUnknown: the sync was not started.
        RelationDrifted: a table or a column of the source is not on the target.
    """
    with state.phases.running(sync.target, sync.sync_id, "verify"):
        relations = sorted(read_tables(sync), key=lambda relation: -relation.bytes)
        size = min(_AT_A_TIME, max(1, len(relations)))
        with open_side(sync.source, size) as source, open_side(sync.target, size) as target:
            row_hash = choose_hash(source.flavour, target.flavour)
            questions = [Question(item.name, fingerprint(item, row_hash)) for item in relations]
            results = _compare(sync, Both(source, target), questions, on_event, settle)
        _record(sync, results)
        return results


def _compare(
    sync: Sync, both: Both, questions: Sequence[Question], on_event: EventSink, settle: timedelta
) -> tuple[TableVerification, ...]:
    found: dict[QualifiedName, TableVerification] = {}
    for result in look(both, questions):
        found[result.name] = result
        if result.equal:
            _say(result, on_event)
    different = [question for question in questions if not found[question.name].equal]
    if different:
        found |= look_again(both, sync.sync_id, different, settle)
    for question in different:
        found[question.name] = with_lag(both, sync.sync_id, found[question.name])
        _say(found[question.name], on_event)
    return tuple(found[name] for name in sorted(found))


def _say(result: TableVerification, on_event: EventSink) -> None:
    _LOG.log(
        logging.INFO if result.equal else logging.WARNING,
        "%s: %s (source %d rows, target %d).",
        result.name,
        "equal" if result.equal else "DIFFERENT",
        result.source_rows,
        result.target_rows,
    )
    on_event(TableVerified(str(result.name), result.source_rows, result.target_rows, result.equal))


def _record(sync: Sync, results: Sequence[TableVerification]) -> None:
    with connect(sync.target) as target, typed_errors(sync.target, "storing the results"):
        for result in results:
            state.verifications.record(target, sync.sync_id, result)
