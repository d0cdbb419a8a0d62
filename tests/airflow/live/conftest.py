"""One live Airflow for the tests beside this file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from airflow_adbsync.local.demo.stack import AirflowStack
from tests.airflow import shop
from tests.airflow.live.stack import DAGS, EXAMPLES, Live, MeasuredSettings, free_port
from tests.airflow.live.statsd import StatsdListener
from tests.databases import Server, fresh_database


@pytest.fixture(scope="package")
def live(
    tmp_path_factory: pytest.TempPathFactory, source_server: Server, target_server: Server
) -> Iterator[Live]:
    """An Airflow in which a shop's sync goes on."""
    metrics = StatsdListener()
    metrics.start()
    with (
        fresh_database(target_server, "airflow") as metadata,
        fresh_database(source_server, "source") as source,
        fresh_database(target_server, "target") as target,
    ):
        home = tmp_path_factory.mktemp("live")
        shutil.copytree(DAGS, home / "dags")
        for example in EXAMPLES:
            shutil.copy(example, home / "dags")
        settings = MeasuredSettings(
            home=home / "airflow",
            dags=home / "dags",
            metadata=metadata.endpoint,
            port=free_port(),
            unused_port=free_port(),
        )
        MeasuredSettings.statsd_port = metrics.port
        stack = AirflowStack(settings)
        stack.prepare()
        try:
            stack.start()
            stack.wait_until_ready("live")
            yield _with_a_sync_that_goes_on(Live(stack, metadata, source, target, metrics))
        finally:
            stack.stop()
            metrics.close()


def _with_a_sync_that_goes_on(live: Live) -> Live:
    shop.make_shop(live.source)
    live.target.execute("CREATE TABLE public.heard (rows bigint, lsn pg_lsn)")
    rest = live.stack.rest
    for name in ("shop", "stock"):
        rest.add_connection(f"{name}_source", "postgres", live.source.endpoint)
        rest.add_connection(f"{name}_target", "adbsync", live.target.endpoint)
    live.run_id = rest.trigger("live")
    live.another_applier()
    live.wait("a deferred task", lambda: live.state("incremental") == "deferred")
    return live
