"""What takes minutes or hours: run by `make soak`, and skipped in every other run."""

from __future__ import annotations

import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not os.environ.get("ADBSYNC_SOAK"):
        for item in items:
            item.add_marker(pytest.mark.skip(reason="takes long: run `make soak`"))
