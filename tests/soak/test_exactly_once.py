"""Exactly once, for half an hour: traffic of every kind, and a fault every 10 to 20 seconds.

ADBSYNC_SOAK_SECONDS says for how long (1800 when it is not set).
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

from airflow_adbsync.local import LocalServer
from tests.integration.faults import SOURCE_SETTINGS, Scene

_LOG = logging.getLogger(__name__)
SECONDS = float(os.environ.get("ADBSYNC_SOAK_SECONDS", "1800"))
COMPARE_EVERY = 300.0
# What a fault and the next applier take comes on top: a fault every 10 to 20 seconds.
PAUSES = (5.0, 13.0)


def test_a_fault_every_few_seconds(private_server: Callable[..., LocalServer]) -> None:
    source, target = private_server("source", settings=SOURCE_SETTINGS), private_server("target")
    scene = Scene(source, target, freeze=60, bulk=130_000)
    scene.begin()
    deadline = time.monotonic() + SECONDS
    try:
        while (left := deadline - time.monotonic()) > 0:
            _LOG.info("%d s are left.", left)
            scene.run(min(left, COMPARE_EVERY), PAUSES)
    finally:
        scene.close()
