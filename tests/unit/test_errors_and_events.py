"""What crosses a process boundary: errors and events, as JSON and back."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from airflow_adbsync.engine import errors, events
from airflow_adbsync.engine.errors import AdbsyncError, RowMissing

ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AdbsyncError)]
EVENTS = [
    events.TableLoaded("public.t", 3, 30, 0.5),
    events.ApplierStarted("host pid 1", 2, "0/1"),
    events.BatchApplied("0/2", "2026-01-01T00:00:00+00:00", 1, 2, 3, 0.25),
    events.BatchApplied("0/2", None, 0, 0, 0, 0.0),
    events.ApplierStopped("reached", "0/3"),
    events.ApplierFailed.of(RowMissing("A row is not there.\nSee above.", remedy="Look.")),
]


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_keeps_its_type_and_words(kind: type[AdbsyncError]) -> None:
    error = kind("It broke.", remedy="Mend it.")
    back = AdbsyncError.from_json(json.loads(json.dumps(error.to_json())))
    assert type(back) is kind
    assert (back.what, back.remedy, back.retryable) == ("It broke.", "Mend it.", kind.retryable)
    assert str(back) == "It broke. What to do: Mend it."


def test_an_error_without_remedy_says_what_happened() -> None:
    assert str(RowMissing("It broke.")) == "It broke."


def test_an_error_of_a_newer_version_is_still_an_error() -> None:
    back = AdbsyncError.from_json({"type": "NotYetInvented", "what": "It broke."})
    assert (type(back), back.what, back.remedy) == (AdbsyncError, "It broke.", "")


def test_waiting_helps_where_waiting_can() -> None:
    assert {kind.__name__ for kind in ERRORS if kind.retryable} >= {"ConnectionFailed", "ApplierBusy"}
    assert not AdbsyncError.retryable
    assert not RowMissing.retryable


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_one_line_and_comes_back(event: events.Event) -> None:
    line = events.to_line(event)
    assert "\n" not in line
    assert events.from_line(line) == event
    assert events.from_line(line.encode() + b"\n") == event


@pytest.mark.parametrize(
    "line", ["", "x", "[]", "7", "{}", '{"event":"Other"}', '{"event":"ApplierStopped","lsn":"0/1"}']
)
def test_a_line_that_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own errors are ValueErrors too
        events.from_line(line)


def test_a_failure_carries_its_error() -> None:
    failed = events.ApplierFailed.of(RowMissing("A row is not there.", remedy="Look."))
    assert not failed.retryable
    back = AdbsyncError.from_json(failed.error)
    assert (type(back), str(back)) == (RowMissing, "A row is not there. What to do: Look.")


def test_every_event_can_be_read_back() -> None:
    assert set(get_args(events.Event)) == set(events._TYPES.values())
