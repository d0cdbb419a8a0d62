"""The applier, the triggerer's child, is killed; the deferred task is cleared; the triggerer is replaced.

Nothing of it may lose a row or drop the slot.
"""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from airflow_adbsync.engine.replication import request_stop
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.hooks.sync import read_config
from tests.airflow import shop
from tests.airflow.live.conftest import DAGS
from tests.airflow.live.stack import Live, Running, replace_triggerer
from tests.databases import Database


@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes by Linux's means")
def test_replication_outlives_what_happens_to_the_triggerer(live: Live, running: Running) -> None:
    source, target = live.source, live.target
    first = live.another_applier()
    assert source.endpoint.password
    assert source.endpoint.password not in " ".join(first.cmdline())
    shop.sell(source)

    first.kill()
    second = live.another_applier(first.pid)
    shop.sell(source)

    live.clear("incremental")
    third = live.another_applier(second.pid)
    assert not second.is_running()
    assert _has_slot(source)
    shop.sell(source)

    replace_triggerer(running)
    fourth = live.another_applier(third.pid)
    assert not third.is_running()
    assert _has_slot(source)
    shop.sell(source)

    request_stop(Sync(read_config(DAGS / "shop.yaml"), source.endpoint, target.endpoint))
    live.wait("the end", lambda: live.stack.rest.run_state("live", live.run_id) == "success")

    psutil.wait_procs([fourth], timeout=60)
    assert not fourth.is_running()
    assert {each.state for each in live.stack.rest.task_instances("live", live.run_id)} == {"success"}
    shop.assert_equal(source, target)
    assert target.value("SELECT count(*) > 3 FROM adbsync.lag_sample")
    assert source.endpoint.password not in _logs(live.stack.settings.home)


def _has_slot(source: Database) -> bool:
    return bool(source.value("SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'adbsync_live'"))


def _logs(home: Path) -> str:
    files = [*home.glob("*.log"), *(home / "logs").rglob("*.log")]
    assert len(files) > 10
    return "\n".join(each.read_text(encoding="utf-8", errors="replace") for each in files)
