"""Who applies a sync and who loads it, as locks on the target say."""

from __future__ import annotations

from airflow_adbsync.engine.state import ownership
from tests.databases import Database


def test_a_sync_has_one_applier_until_its_session_ends(target_db: Database) -> None:
    with target_db.connect() as one, target_db.connect() as two, target_db.connect() as seer:
        assert not ownership.is_owned(seer, "shop")
        assert ownership.try_own(one, "shop")
        assert not ownership.try_own(two, "shop")
        assert ownership.try_own(two, "another")
        assert ownership.owner_pids(seer, "shop") == (one.info.backend_pid,)
        one.close()
        with_retry = next(taken for _ in range(1000) if (taken := ownership.try_own(two, "shop")))
        assert with_retry
        ownership.disown(two, "shop")
        assert not ownership.is_owned(seer, "shop")
        assert ownership.is_owned(seer, "another")


def test_loads_stand_side_by_side_and_keep_a_release_out(target_db: Database) -> None:
    with target_db.connect() as one, target_db.connect() as two, target_db.connect() as releasing:
        ownership.hold_load(one, "shop")
        ownership.hold_load(two, "shop")
        assert ownership.load_pids(releasing, "shop") == tuple(
            sorted((one.info.backend_pid, two.info.backend_pid))
        )
        assert not ownership.is_owned(releasing, "shop")
        assert not ownership.try_bar_loads(releasing, "shop")
        ownership.leave_load(one, "shop")
        ownership.leave_load(two, "shop")
        assert ownership.loads_running(releasing, "shop") == 0
        assert ownership.try_bar_loads(releasing, "shop")


def test_a_lock_is_seen_in_its_own_database_only(target_db: Database, source_db: Database) -> None:
    with target_db.connect() as one, source_db.connect() as elsewhere:
        assert ownership.try_own(one, "shop")
        assert not ownership.is_owned(elsewhere, "shop")


def test_keys_are_64_bits_and_never_change() -> None:
    assert ownership.lock_key("shop") == KEY_OF_SHOP
    keys = {key(f"s{i}") for i in range(100) for key in (ownership.lock_key, ownership.load_key)}
    assert len(keys) == 200
    assert all(-(2**63) <= key < 2**63 for key in keys)


# An applier of another release must meet the same lock.
KEY_OF_SHOP = -1456038719538076042
