"""Whether a sync can go on with the slot and the source that it finds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_adbsync.engine.errors import SlotLost, SlotMissing, SourcePromoted, SourceSwapped, TargetAhead
from airflow_adbsync.engine.model import Family, Lsn, Server
from airflow_adbsync.engine.slot import Slot, require_same_source, require_usable
from airflow_adbsync.engine.slot.promotion import parse_history, require_shared
from airflow_adbsync.engine.state.syncs import SyncRecord

RECORD = SyncRecord("shop", "adbsync_shop", "71", 1, "app", Lsn(100))
SLOT = Slot("adbsync_shop", "pgoutput", "app", None, Lsn(90), Lsn(100), "reserved")
SERVER = Server(Family.POSTGRESQL, 160_014, "PostgreSQL 16.14", "71", 1, "app")


@pytest.mark.parametrize("status", ["reserved", "extended", "unreserved", None])
def test_a_slot_that_has_its_wal_is_usable(status: str | None) -> None:
    slot = replace(SLOT, wal_status=status)
    assert require_usable(slot, RECORD) is slot


def test_a_slot_that_is_gone_is_missing() -> None:
    with pytest.raises(SlotMissing, match="adbsync_shop, which started at 0/64"):
        require_usable(None, RECORD)


@pytest.mark.parametrize(
    "slot", [replace(SLOT, wal_status="lost"), replace(SLOT, invalidation_reason="idle_timeout")]
)
def test_a_slot_without_its_wal_is_lost(slot: Slot) -> None:
    with pytest.raises(SlotLost, match="is lost") as caught:
        require_usable(slot, RECORD)
    assert "Release" in caught.value.remedy


def test_the_source_of_old_is_accepted() -> None:
    require_same_source(RECORD, SERVER)


@pytest.mark.parametrize(
    ("server", "word"),
    [
        (replace(SERVER, system_identifier="72"), "cluster 72 instead of 71"),
        (replace(SERVER, timeline=0), "timeline 0 instead of 1"),
        (replace(SERVER, database="copy"), "database copy instead of app"),
    ],
)
def test_another_source_is_refused(server: Server, word: str) -> None:
    with pytest.raises(SourceSwapped, match=word):
        require_same_source(RECORD, server)


def test_a_promoted_source_is_its_own_error() -> None:
    with pytest.raises(SourcePromoted, match="timeline 3 instead of 1") as caught:
        require_same_source(RECORD, replace(SERVER, timeline=3))
    assert "follow_promotion" in caught.value.remedy
    with pytest.raises(SourceSwapped, match="cluster 72 instead of 71, timeline 3"):
        require_same_source(RECORD, replace(SERVER, system_identifier="72", timeline=3))


def test_where_timelines_ended_is_read_from_the_history() -> None:
    text = b"# x\n1\t0/3000148\tno recovery target specified\n\n2\tA/40\tbefore 2026-01-01 00:00\n"
    assert parse_history(text) == {1: Lsn.parse("0/3000148"), 2: Lsn.parse("A/40")}
    assert parse_history(b"") == {}


def test_all_that_the_target_holds_must_lie_before_the_promotion() -> None:
    promoted = replace(SERVER, timeline=2)
    for progress in (None, Lsn(99), Lsn(100)):
        assert require_shared(RECORD, promoted, Lsn(100), progress) == Lsn(100)
    with pytest.raises(TargetAhead, match="had come to 0/64, but the target holds changes up to 0/65"):
        require_shared(RECORD, promoted, Lsn(100), Lsn(101))
    with pytest.raises(SourceSwapped, match="does not descend from timeline 1"):
        require_shared(RECORD, promoted, None, Lsn(1))
