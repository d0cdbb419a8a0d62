"""What PostgreSQL tests of its own subscriptions, tested of ours, all in one sync."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import Database, Server, fresh_database
from tests.integration.replicated import assert_same, catch_up, running_sync
from tests.integration.subscription_scenarios import SCENARIOS

# All of a transaction in one batch, and each cut to pieces.
SIZES = (50_000, 7)


@pytest.fixture(scope="module", params=SIZES, ids="batches of {}".format)
def replicated(
    request: pytest.FixtureRequest, source_server: Server, target_server: Server
) -> Iterator[tuple[Database, Database]]:
    """Two databases after all changes of all scenarios."""
    with fresh_database(source_server, "source") as source, fresh_database(target_server, "target") as target:
        for scenario in SCENARIOS.values():
            source.execute(scenario.there)
            target.execute(scenario.here or scenario.there)
            source.execute(scenario.rows)
        sync = running_sync(source, target, "", max_batch_changes=request.param)
        for scenario in SCENARIOS.values():
            with source.connect() as conn:
                for change in scenario.changes:
                    conn.execute(change.encode())
        catch_up(sync, source)
        yield source, target


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario(replicated: tuple[Database, Database], name: str) -> None:
    assert_same(*replicated, *SCENARIOS[name].names)
