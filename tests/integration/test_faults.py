"""The soak's short form: a sync under traffic meets every fault that there is.

ADBSYNC_SOAK_SECONDS says for how long at least (75 when it is not set); `make soak` runs the long form.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from airflow_adbsync.local import LocalServer
from tests.integration.faults import SOURCE_SETTINGS, Scene

SECONDS = float(os.environ.get("ADBSYNC_SOAK_SECONDS", "75"))


@pytest.mark.timeout(SECONDS + 240)
def test_whatever_happens_every_table_is_equal_at_the_end(private_server: Callable[..., LocalServer]) -> None:
    source, target = private_server("source", settings=SOURCE_SETTINGS), private_server("target")
    scene = Scene(source, target, freeze=4, bulk=30_000)
    scene.begin()
    try:
        scene.run(SECONDS, pauses=(0.5, 4))
    finally:
        scene.close()
