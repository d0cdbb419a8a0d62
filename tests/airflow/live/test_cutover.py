"""A cut-over by its example's DAGs, as people work them: while the shop sells."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_adbsync.engine import cutover
from tests import pgbench
from tests.airflow import shop
from tests.airflow.live.stack import Live, Running
from tests.databases import Database
from tests.pgbench import Pgbench

SLOT = "SELECT FROM pg_replication_slots WHERE slot_name = 'adbsync_shop'"


@pytest.mark.timeout(900)
def test_a_cut_over_under_load_there_and_back(
    running: Running, source_db: Database, target_db: Database, tmp_path: Path
) -> None:
    """Rejected first, which changes nothing, then approved; what the target gets is carried back."""
    stack = running.stack
    shop.make_shop(source_db)
    pgbench.fill(source_db, "shop")
    stack.rest.add_connection("cutover_source", "postgres", source_db.endpoint)
    stack.rest.add_connection("cutover_target", "adbsync", target_db.endpoint)
    there = Live(stack, source_db, target_db, "shop_cutover")
    here = Live(stack, source_db, target_db, "shop_way_back")
    with Pgbench(source_db, tmp_path, "shop") as load:
        there.begin()
        there.until("cutover.approve", "awaiting_input")
        assert there.state("cutover.follow") == "deferred"
        assert there.state("cutover.verify") == "success"
        there.answer("cutover.approve", "Reject")
        there.until("cutover.follow", "success")
        assert (there.state("cutover.switch"), there.state("cutover.abort")) == ("skipped", "skipped")
        assert cutover.find_fence(shop.sync(source_db, target_db)) is None
        assert source_db.fetch(SLOT)
        assert load.is_at_work

        there.clear("cutover.follow", "cutover.approve", downstream=True)
        there.answer("cutover.approve", "Approve")
        there.until("cutover.switch", "success")
        load.wait()
    pgbench.assert_none_lost_or_doubled(source_db, target_db, load, "shop")
    assert 0 < there.result("cutover.switch")["fenced_seconds"] < 20

    before = pgbench.count(target_db, "shop")
    with Pgbench(target_db, tmp_path, "shop") as load:
        there.until("cutover.follow_back", "deferred")
        arrived = lambda: pgbench.count(source_db, "shop") > before + 100  # noqa: E731
        there.wait("changes that come back", arrived)
        here.begin()
        here.answer("cutover.approve", "Approve")
        here.until("cutover.switch", "success")
        load.wait()
    pgbench.assert_none_lost_or_doubled(target_db, source_db, load, "shop", before=before)
    for run in (there, here):
        run.wait("its end", lambda run=run: stack.rest.run_state(run.dag_id, run.run_id) == "success")
    shop.assert_equal(target_db, source_db)
    source_db.execute("INSERT INTO shop.orders (total) VALUES (1)")
