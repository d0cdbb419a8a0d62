"""Exactly once: a sync under traffic meets every fault that there is, and each while others are being mended.

ADBSYNC_SOAK_SECONDS says for how long (180 when it is not set); `make soak` runs the long form.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from airflow_adbsync.local import LocalServer
from tests.faults.faults import Faults
from tests.faults.scene import SOURCE_SETTINGS, Scene

SECONDS = float(os.environ.get("ADBSYNC_SOAK_SECONDS", "180"))
EVERY = (6.5, 9.5)


@pytest.mark.timeout(SECONDS + 240)
def test_whatever_happens_every_table_is_equal_at_the_end(private_server: Callable[..., LocalServer]) -> None:
    source, target = private_server("source", settings=SOURCE_SETTINGS), private_server("target")
    scene = Scene(source, target)
    faults = Faults(scene, freeze=20, bulk=30_000)
    scene.begin()
    try:
        faults.run(SECONDS, EVERY)
    finally:
        scene.close()
    if len(faults.all) * max(EVERY) <= SECONDS:
        assert set(faults.met) == {fault.__name__ for fault in faults.all}
