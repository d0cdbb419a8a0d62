"""A browser and one live Airflow for all tests of the page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.stage import Stage, skip_without, stage
from tests.databases import Server, fresh_database

ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artefacts" / "page"
CHROMIUM = os.environ.get("ADBSYNC_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def live(
    tmp_path_factory: pytest.TempPathFactory, source_server: Server, target_server: Server
) -> Iterator[Stage]:
    """The stage, once for all."""
    skip_without(CHROMIUM)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    with (
        fresh_database(source_server, "shop") as source,
        fresh_database(target_server, "shop") as target,
        stage(tmp_path_factory.mktemp("stage"), source, target, target_server) as up,
    ):
        up.wait_for_replication()
        yield up


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a screen."""
    skip_without(CHROMIUM)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def enter(live: Stage, browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """``enter("viewer", dark=True)``: a browser of one's own, logged in."""
    opened: list[BrowserContext] = []

    def open_(user: str, *, dark: bool = False) -> BrowserContext:
        context = browser.new_context(
            color_scheme="dark" if dark else "light", viewport={"width": 1360, "height": 900}
        )
        context.add_cookies([{"name": "_token", "value": live.token(user), "url": live.url}])
        opened.append(context)
        return context

    yield open_
    for context in opened:
        context.close()
