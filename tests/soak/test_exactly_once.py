"""Exactly once, for half an hour: traffic of every kind, and a fault every 10 to 20 seconds.

ADBSYNC_SOAK_SECONDS says for how long (1800 when it is not set).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from airflow_adbsync.local import LocalServer
from tests.faults.faults import Faults
from tests.faults.scene import SOURCE_SETTINGS, Scene

_LOG = logging.getLogger(__name__)
SECONDS = float(os.environ.get("ADBSYNC_SOAK_SECONDS", "1800"))
# The time that comparing takes is not counted.
COMPARE_EVERY = 450.0
EVERY = (10.0, 19.5)


def test_a_fault_every_few_seconds(private_server: Callable[..., LocalServer]) -> None:
    source, target = private_server("source", settings=SOURCE_SETTINGS), private_server("target")
    scene = Scene(source, target)
    faults = Faults(scene, freeze=60, bulk=130_000)
    scene.begin()
    left = SECONDS
    try:
        while left > 0:
            faults.run(min(left, COMPARE_EVERY), EVERY)
            left -= COMPARE_EVERY
            _LOG.info("%d s are left.", max(left, 0))
    finally:
        scene.close()
    assert faults.met.total() > SECONDS / 20 - 1
