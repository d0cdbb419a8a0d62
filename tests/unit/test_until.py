"""Until when incremental replication goes on, as an operator says it and as it crosses a process."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pendulum
import pytest

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication import (
    AtLsn,
    AtTime,
    CaughtUp,
    Stopped,
    Switched,
    Until,
    parse_until,
    until_from_json,
    until_to_json,
)

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("caught_up", None, CaughtUp()),
        ("stopped", None, Stopped()),
        ("lsn", "16/B374D848", AtLsn(Lsn(0x16_B374D848))),
        ("time", "2026-01-31T12:00:00+00:00", AtTime(NOON)),
        ("time", "2026-01-31T13:00:00+01:00", AtTime(NOON)),
        ("time", "2026-01-31T12:00:00Z", AtTime(NOON)),
        ("time", "2026-01-31 12:00", AtTime(NOON)),
        ("time", NOON, AtTime(NOON)),
        ("time", NOON.astimezone(timezone(timedelta(hours=-3))), AtTime(NOON)),
        ("time", pendulum.instance(NOON), AtTime(NOON)),
    ],
)
def test_it_is_read(kind: str, value: str | datetime | None, expected: Until) -> None:
    assert parse_until(kind, value) == expected


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("later", None, "caught_up, lsn, time, stopped or switched"),
        ("lsn", None, "an LSN such as"),
        ("lsn", "noon", "'noon' is not an LSN"),
        ("time", None, "not a moment"),
        ("time", "", "not a moment"),
        ("time", "soon", "not a moment"),
        ("time", "P1D", "not a moment"),
        ("time", "12/2026-01", "not a moment"),
    ],
)
def test_what_can_not_be_used_is_refused(kind: str, value: str | None, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_until(kind, value)


@pytest.mark.parametrize(
    "until",
    [
        CaughtUp(),
        Stopped(),
        Switched(),
        AtLsn(Lsn(77)),
        AtTime(NOON),
        AtTime(NOON + timedelta(microseconds=1)),
    ],
)
def test_it_survives_json(until: Until) -> None:
    assert until_from_json(json.loads(json.dumps(until_to_json(until)))) == until
