"""Whatever transactions the source runs, the target ends up with the same, however batches cut them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings

from airflow_adbsync.engine.replication.folding import PureChanges, new_changes
from tests.databases import Server, fresh_database
from tests.integration.model import Model, Script, scripts

EXAMPLES = int(os.environ.get("ADBSYNC_MODEL_EXAMPLES", "25"))
# In parts of so many changes, and whether in binary form; each example is applied in all these ways.
WAYS = [
    (1, new_changes, True),
    (4, PureChanges, False),
    (5, new_changes, False),
    (7, PureChanges, True),
    (1000, new_changes, True),
    (1000, PureChanges, False),
]


@pytest.fixture(scope="module")
def model(source_server: Server, target_server: Server) -> Iterator[Model]:
    with (
        fresh_database(source_server, "source") as source,
        fresh_database(target_server, "target") as target,
        Model(source, target) as model,
    ):
        yield model


@pytest.mark.timeout(300 + EXAMPLES * 5)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Each try of a smaller example is a run on two servers.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(script=scripts)
def test_every_split_of_every_run_gives_what_the_source_has(model: Model, script: Script) -> None:
    streams = model.run(script)
    event(f"{len(streams[False]) // 10 * 10} messages and more")
    for most, new, asked in WAYS:
        binary = asked and True in streams
        model.apply(streams[binary], most, new, binary=binary)
        there, here = model.states(script)
        assert here == there, f"in parts of {most} changes, by {new}, in binary: {binary}"
