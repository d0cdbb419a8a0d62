"""Whether a sync can go on with the slot and the source that it finds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_adbsync.engine.errors import SlotLost, SlotMissing, SourceSwapped
from airflow_adbsync.engine.model import Family, Lsn, Server
from airflow_adbsync.engine.slot import Slot, require_same_source, require_usable
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
        (replace(SERVER, timeline=2), "timeline 2 instead of 1"),
        (replace(SERVER, database="copy"), "database copy instead of app"),
    ],
)
def test_another_source_is_refused(server: Server, word: str) -> None:
    with pytest.raises(SourceSwapped, match=word):
        require_same_source(RECORD, server)
