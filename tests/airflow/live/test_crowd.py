"""Two hundred sensors wait in one triggerer: Airflow's own metrics say that they block nothing."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

import pytest

from airflow_adbsync.triggers.replicated_up_to import ReplicatedUpToTrigger
from airflow_adbsync.triggers.slot_health import SlotHealthTrigger
from airflow_adbsync.triggers.slot_lag import SlotLagTrigger
from airflow_adbsync.triggers.watching import WatchTrigger
from tests.airflow.conftest import connection_document
from tests.airflow.live.stack import Live, Running
from tests.airflow.live.statsd import StatsdListener
from tests.databases import Database

_LOG = logging.getLogger(__name__)
BLOCKED = "triggers.blocked_main_thread"
QUIET = 10.0
CROWD = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crowd'"
# What Airflow writes when a task defers; it takes plain JSON too where it finds no encrypted arguments.
DEFERRED = """
    WITH made AS (
        INSERT INTO trigger (classpath, kwargs, created_date) VALUES (%s, %s, now()) RETURNING id
    )
    UPDATE task_instance SET state = 'deferred', trigger_id = made.id, next_method = 'execute_complete',
           next_kwargs = '{}', start_date = now(), try_number = 1
    FROM made WHERE dag_id = 'crowd' AND map_index = %s
"""


@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="the live Airflow needs Linux's means")
def test_two_hundred_sensors_on_one_triggerer_block_nothing_and_hold_few_connections(
    live: Live, running: Running
) -> None:
    rest = live.stack.rest
    live.wait("the DAG", lambda: rest.has_dag("crowd"))
    for side, database in (("source", live.source), ("target", live.target)):
        document = connection_document(database.endpoint) | {"extra": '{"application_name": "crowd"}'}
        rest._ask("POST", "/api/v2/connections", {"connection_id": f"crowd_{side}", **document})
    rest._ask("POST", "/api/v2/pools", {"name": "nobody", "slots": 0})
    run_id = rest.trigger("crowd")
    there = "SELECT count(*) = 200 FROM task_instance WHERE dag_id = 'crowd' AND state = 'scheduled'"
    live.wait("the tasks", lambda: running.metadata.value(there), dag_id="crowd", run_id=run_id)

    before = running.metrics.counts[BLOCKED]
    _defer(running.metadata)
    try:
        live.wait(
            "200 triggers",
            lambda: running.metrics.gauges.get("triggers.running", 0) >= 200,
            dag_id="crowd",
            run_id=run_id,
        )
        live.wait("their looks", lambda: live.source.value(CROWD), dag_id="crowd", run_id=run_id)
        while_starting = running.metrics.counts[BLOCKED] - before
        for _ in range(6):
            blocked, most = _watch(live, running.metrics)
            # A busy machine holds up any loop now and then; a trigger that blocks does it at every look.
            if not blocked:
                break
        waiting = running.metrics.gauges["triggers.running"]
        _LOG.info("%d triggers: blocked %d times (%d at the start).", waiting, blocked, while_starting)
        states = running.metadata.fetch(
            "SELECT DISTINCT state FROM task_instance WHERE dag_id = 'crowd' AND run_id = %s", run_id
        )
    finally:
        rest._ask("PATCH", f"/api/v2/dags/crowd/dagRuns/{run_id}", {"state": "failed"})

    assert waiting >= 200
    assert states == [("deferred",)], "nothing that they wait for has come"
    assert most == [1, 1], "one connection to the source, one to the target"
    assert blocked == 0


def _watch(live: Live, metrics: StatsdListener) -> tuple[int, list[int]]:
    """How often the loop was blocked for ten seconds, and the most connections to each side."""
    before, until = metrics.counts[BLOCKED], time.monotonic() + QUIET
    most = [0, 0]
    while time.monotonic() < until:
        seen = [
            database.value(f"{CROWD} AND datname = current_database()")
            for database in (live.source, live.target)
        ]
        most = [max(pair) for pair in zip(most, seen, strict=True)]
        time.sleep(0.25)
    return metrics.counts[BLOCKED] - before, most


def _defer(metadata: Database) -> None:
    with metadata.connect() as conn, conn.transaction():
        for number, trigger in enumerate(_triggers()):
            classpath, kwargs = trigger.serialize()
            conn.execute(DEFERRED, (classpath, json.dumps(kwargs), number))


def _triggers() -> list[WatchTrigger]:
    """Each kind waits for what will not come while the test looks on."""
    common: dict[str, Any] = {
        "config": {
            "sync_id": "live",
            "source": "crowd_source",
            "target": "crowd_target",
            "objects": {"schemas": ["shop", "Back Office"]},
        },
        "poke_interval": 0.5,
    }
    far: dict[str, Any] = {"until": "lsn", "value": "FFFFFFFF/0"}
    never = "2999-01-01T00:00:00+00:00"
    late: dict[str, Any] = {"until": "time", "value": never}
    return [
        *(SlotLagTrigger(**common, max_bytes=-1 - n) for n in range(50)),
        *(ReplicatedUpToTrigger(**common, until=far) for _ in range(50)),
        *(ReplicatedUpToTrigger(**common, until=late) for _ in range(50)),
        *(SlotHealthTrigger(**common, watch_until=never) for _ in range(50)),
    ]
