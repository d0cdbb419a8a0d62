"""One live Airflow for the tests beside this file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.airflow import shop
from tests.airflow.conftest import DAGS as EXAMPLES
from tests.airflow.live.stack import Live, Running, running_airflow
from tests.databases import Server, fresh_database

DAGS = Path(__file__).parent / "dags"


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory, target_server: Server) -> Iterator[Running]:
    """One Airflow for all tests here, with DAGs of their own and two of the examples."""
    home = tmp_path_factory.mktemp("live")
    dags = home / "dags"
    shutil.copytree(DAGS, dags)
    # It reads shop.yaml, which is ours here.
    shutil.copy(EXAMPLES / "daily_revenue.py", dags)
    (dags / "cutover").mkdir()
    shutil.copy(EXAMPLES / "shop_cutover.py", dags / "cutover")
    config = (EXAMPLES / "shop.yaml").read_text(encoding="utf-8")
    config = config.replace("shop_source", "cutover_source").replace("shop_target", "cutover_target")
    (dags / "cutover" / "shop.yaml").write_text(config, encoding="utf-8")
    with running_airflow(home / "airflow", dags, target_server) as up:
        yield up


@pytest.fixture(scope="package")
def live(running: Running, source_server: Server, target_server: Server) -> Iterator[Live]:
    """A shop's sync that goes on."""
    with (
        fresh_database(source_server, "source") as source,
        fresh_database(target_server, "target") as target,
    ):
        live = Live(running.stack, source, target)
        shop.make_shop(source)
        target.execute("CREATE TABLE public.heard (rows bigint, lsn pg_lsn)")
        for name in ("shop", "stock"):
            running.stack.rest.add_connection(f"{name}_source", "postgres", source.endpoint)
            running.stack.rest.add_connection(f"{name}_target", "adbsync", target.endpoint)
        live.begin()
        live.another_applier()
        live.until("incremental", "deferred")
        yield live
