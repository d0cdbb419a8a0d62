"""The cut-over's DAGs, end to end while pgbench writes: there, and back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session

from tests import pgbench
from tests.airflow import shop
from tests.airflow.conftest import DAGS
from tests.airflow.runs import states
from tests.databases import Database
from tests.pgbench import Pgbench

# What goes on beside the others, which ``dag.test()`` can't, and what waits for somebody.
BESIDE = r"cutover\.(follow|follow_back|verify|approve)"


def test_the_shop_moves_under_load_and_moves_back(
    airflow_database: None,
    connection: Callable[..., str],
    source_db: Database,
    target_db: Database,
    tmp_path: Path,
) -> None:
    shop.make_shop(source_db)
    pgbench.fill(source_db, "shop")
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    bag = DagBag(DAGS)

    with Pgbench(source_db, tmp_path, "shop") as there:
        began = time.monotonic()
        done = bag.dags["shop_cutover"].test(mark_success_pattern=BESIDE)
        there.wait(time.monotonic() - began)
    assert states(done)["cutover.switch"] == {"success"}
    assert states(done)["cutover.abort"] == {"skipped"}
    pgbench.assert_none_lost_or_doubled(source_db, target_db, there, "shop")
    assert 0 < _seconds(done.run_id, "shop_cutover") < 20

    before = pgbench.count(target_db, "shop")
    with Pgbench(target_db, tmp_path, "shop") as here:
        time.sleep(1)
        done = bag.dags["shop_way_back"].test(mark_success_pattern=BESIDE)
        here.wait()
    assert states(done)["cutover.release"] == {"success"}
    pgbench.assert_none_lost_or_doubled(target_db, source_db, here, "shop", before=before)
    shop.assert_equal(target_db, source_db)
    source_db.execute("INSERT INTO shop.orders (total) VALUES (1)")


def _seconds(run_id: str, dag_id: str) -> float:
    with create_session() as session:
        row = session.scalars(
            XComModel.get_many(run_id=run_id, dag_ids=dag_id, task_ids="cutover.switch", key="return_value")
        ).one()
        found: float = XComModel.deserialize_value(row)["fenced_seconds"]
    return found
