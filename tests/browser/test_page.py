"""The Sync page in a browser, in a live Airflow, over a sync that runs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import ARTEFACTS
from tests.browser.stage import Stage
from tests.browser.users import ADMIN, NOBODY, STRANGER, VIEWER

pytestmark = pytest.mark.timeout(600)
Enter = Callable[..., BrowserContext]
SHOP = "/adbsync/dags/shop_live/syncs/shop"
BIG = "/adbsync/dags/big_move/syncs/big"
ROUTES = (
    "/adbsync/",
    "/adbsync/static/page.css",
    "/adbsync/dags/shop_live",
    "/adbsync/dags/shop_live/tasks/incremental",
    SHOP,
    f"{SHOP}/live/top",
    f"{SHOP}/live/bottom",
    f"{SHOP}/tables",
    f"{SHOP}/row",
    f"{SHOP}/alerts",
    f"{SHOP}/verification.csv",
)
ACTIONS = tuple(f"{SHOP}/{name}" for name in ("stop", "go_on", "pause", "resume", "throttle", "acknowledge"))
# What htmx says of a request that was under way when its page was left; of one that fails it says more.
BROKEN_OFF = {"htmx:afterRequest", "htmx:sendAbort"}
HEADER = {"X-Adbsync-Action": "test"}


@contextmanager
def quiet_page(context: BrowserContext) -> Iterator[Page]:
    """A page on whose console no error shows, and which asks nobody but its own server."""
    page = context.new_page()
    errors: list[str] = []
    foreign: list[str] = []
    own = re.compile(r"^(https?://127\.0\.0\.1[:/]|data:|blob:)")
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda sent: None if own.match(sent.url) else foreign.append(sent.url))
    yield page
    assert [error for error in errors if error not in BROKEN_OFF] == []
    assert [url for url in foreign if "/adbsync" in url] == []
    page.close()


def keep(page: Page, name: str) -> None:
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


def test_all_syncs_are_listed_with_their_state(live: Stage, enter: Enter) -> None:
    for dark in (False, True):
        with quiet_page(enter(ADMIN, dark=dark)) as page:
            page.goto(f"{live.url}/adbsync/")
            rows = page.locator("tbody tr")
            expect(rows).to_have_count(4)
            expect(rows.filter(has_text="shop_live")).to_contain_text("replicating")
            expect(rows.filter(has_text="big_move")).to_contain_text("4,200 of 5,000")
            expect(rows.filter(has_text="bad_move")).to_contain_text("2 differ")
            expect(rows.filter(has_text="away_move")).to_contain_text("out of reach")
            keep(page, f"list-{'dark' if dark else 'light'}")


def test_a_running_sync_moves_without_a_reload(live: Stage, enter: Enter) -> None:
    for dark in (False, True):
        with quiet_page(enter(ADMIN, dark=dark)) as page:
            page.goto(live.url + SHOP)
            page.evaluate("window.same = true")
            expect(page.locator("html")).to_have_attribute("data-theme", "dark" if dark else "light")
            expect(page.locator(".stop.running")).to_contain_text("incremental")
            expect(page.locator(".stop.done")).to_have_count(6)
            expect(page.locator(".status")).to_contain_text("replicating")
            expect(page.locator("#table-page tbody tr")).to_have_count(24)
            expect(page.locator("figure svg .line")).to_have_count(4)
            expect(page.locator("#bottom")).to_contain_text("reserved")
            applied = page.locator(".tile", has_text="Applied").locator(".value")
            before = applied.inner_text()
            expect(applied).not_to_have_text(before, timeout=15_000)
            assert page.evaluate("window.same")
            keep(page, f"sync-{'dark' if dark else 'light'}")


def test_it_stands_in_airflows_own_pages_and_takes_on_their_colours(live: Stage, enter: Enter) -> None:
    with quiet_page(enter(ADMIN, dark=True)) as page:
        page.goto(f"{live.url}/dags/shop_live/plugin/adbsync-dag")
        frame = page.frame_locator("iframe")
        expect(frame.locator("h1")).to_have_text("shop", timeout=30_000)
        expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
        keep(page, "in-airflow-dag")
        page.evaluate("document.documentElement.classList.replace('dark', 'light')")
        expect(frame.locator("html")).to_have_attribute("data-theme", "light")
        page.goto(f"{live.url}/plugin/adbsync")
        expect(frame.locator("tbody tr")).to_have_count(4)
        keep(page, "in-airflow-nav")
        frame.get_by_role("link", name="shop", exact=True).click()
        frame.locator("a[data-airflow]", has_text="incremental").click()
        page.wait_for_url("**/dags/shop_live/tasks/incremental**")
        page.goto(f"{live.url}/dags/shop_live/tasks/incremental/plugin/adbsync-task")
        expect(frame.locator("h1")).to_have_text("shop", timeout=30_000)
        keep(page, "in-airflow-task")


def test_a_sensor_of_another_dag_leads_to_the_sync_of_who_may_see_it(live: Stage, enter: Enter) -> None:
    for route in ("/adbsync/dags/etl", "/adbsync/dags/etl/tasks/gate"):
        assert enter(VIEWER).request.get(live.url + route).url == live.url + SHOP
        stranger = enter(STRANGER).request.get(live.url + route)
        assert stranger.ok
        assert "No sync here" in stranger.text()
        assert "shop_live" not in stranger.text()
    assert enter(VIEWER).request.get(f"{live.url}/adbsync/dags/etl/syncs/shop").status == 404


def test_five_thousand_tables_are_paged_and_filtered_by_the_server(live: Stage, enter: Enter) -> None:
    with quiet_page(enter(ADMIN)) as page:
        page.goto(f"{live.url}{BIG}?window=24h")
        rows = page.locator("#table-page tbody tr")
        pager = page.locator(".pager")
        expect(rows).to_have_count(50)
        expect(pager).to_contain_text("1 to 50 of 5,000")
        page.get_by_role("button", name="Next").click()
        expect(pager).to_contain_text("51 to 100 of 5,000")
        # The page's clock must not turn the leaf back.
        page.wait_for_timeout(4000)
        expect(pager).to_contain_text("51 to 100 of 5,000")
        page.locator("#table-text").fill("LEDGER_47")
        expect(pager).to_contain_text("of 100")
        page.locator("#table-text").fill("")
        page.locator("select[name=which]").select_option("waiting")
        expect(pager).to_contain_text("1 to 50 of 800")
        expect(rows.filter(has_text="ledger_4240")).to_contain_text("5/8")
        keep(page, "five-thousand-tables")


def test_five_thousand_tables_take_the_server_less_than_a_second(live: Stage, enter: Enter) -> None:
    request = enter(ADMIN).request
    times = []
    for window in ("7d", "24h", "6h", "1h"):
        started = time.monotonic()
        answer = request.get(f"{live.url}{BIG}?window={window}")
        times.append(time.monotonic() - started)
        assert answer.ok
        assert "1 to 50" in answer.text()
    print(f"first paint of 5,000 tables: {', '.join(f'{each:.2f} s' for each in times)}")  # noqa: T201 - a figure for the log
    assert sorted(times)[1] < 1.0


def test_trouble_is_told_with_what_to_do(live: Stage, enter: Enter) -> None:
    with quiet_page(enter(ADMIN)) as page:
        page.goto(f"{live.url}/adbsync/dags/bad_move/syncs/bad")
        expect(page.locator(".notice.bad")).to_have_count(3)
        expect(page.locator("#top")).to_contain_text("Slot missing")
        expect(page.locator("#top")).to_contain_text("ADD COLUMN bonus")
        expect(page.locator("#errors")).to_contain_text("What to do Add it there too")
        expect(page.locator(".remedy-sql").first).to_contain_text("max_replication_slots = 20")
        expect(page.locator("#bottom")).to_contain_text("accepted by ada")
        expect(page.locator(".key")).to_have_count(3)
        expect(page.locator("#bottom")).to_contain_text("2 with other values")
        keep(page, "trouble")
        page.locator("#findings-passed summary").click()
        page.wait_for_timeout(4000)
        expect(page.locator("#findings-passed")).to_have_attribute("open", "")


def test_alerts_are_accepted_in_a_new_run(live: Stage, enter: Enter) -> None:
    with quiet_page(enter(ADMIN)) as page:
        page.goto(f"{live.url}/adbsync/dags/bad_move/syncs/bad")
        page.get_by_role("button", name="Accept alerts").click()
        expect(page.locator("#alerts label")).to_have_text(["row security"])
        keep(page, "accept-dialog")
        page.get_by_role("button", name="Accept", exact=True).click()
        expect(page.locator("#said")).to_contain_text("Accepted: row_security")
        expect(page.locator("#bottom")).to_contain_text("admin accept alerts of row_security")
    runs = enter(ADMIN).request.get(f"{live.url}/api/v2/dags/bad_move/dagRuns").json()["dag_runs"]
    assert [(run["conf"]["acknowledge"], run["triggering_user_name"]) for run in runs] == [
        (["row_security"], ADMIN)
    ]
    missing = enter(ADMIN).request.post(f"{live.url}{SHOP}/acknowledge", headers=HEADER)
    assert missing.status == 409, "its DAG has no such parameter"


def test_a_target_out_of_reach_is_a_box_and_no_hanging_page(live: Stage, enter: Enter) -> None:
    with quiet_page(enter(ADMIN)) as page:
        started = time.monotonic()
        page.goto(f"{live.url}/adbsync/dags/away_move/syncs/away")
        assert time.monotonic() - started < 8
        expect(page.locator(".notice.bad")).to_contain_text("Connection refused")
        expect(page.locator(".notice.bad")).to_contain_text("What to do")
        keep(page, "target-out-of-reach")


def test_nobody_gets_in_without_the_right(live: Stage, enter: Enter) -> None:
    anonymous = enter(ADMIN)
    anonymous.clear_cookies()
    for route in ROUTES:
        url = live.url + route
        assert anonymous.request.get(url, max_redirects=0).status == 401, route
        assert enter(NOBODY).request.get(url, max_redirects=0).status == 403, route
    for route in ACTIONS:
        url = live.url + route
        assert anonymous.request.post(url, headers=HEADER).status == 401, route
        for user in (NOBODY, VIEWER, STRANGER):
            assert enter(user).request.post(url, headers=HEADER).status == 403, (route, user)
        admin = enter(ADMIN).request
        assert admin.post(url).status == 403, "without the page's own header"
        assert admin.post(url, headers={**HEADER, "Sec-Fetch-Site": "cross-site"}).status == 403
    assert live.target.value("SELECT count(*) FROM adbsync.action") == 0
    assert live.target.value("SELECT stop_at FROM adbsync.progress") is None


def test_a_sync_is_seen_by_those_who_may_read_its_dag(live: Stage, enter: Enter) -> None:
    stranger, viewer = enter(STRANGER).request, enter(VIEWER).request
    for route in (each for each in ROUTES if "shop_live" in each):
        assert stranger.get(live.url + route, max_redirects=0).status == 403, route
        assert viewer.get(live.url + route).ok, route
    assert "shop_live" not in stranger.get(f"{live.url}/adbsync/").text()
    assert "big_move" in stranger.get(f"{live.url}/adbsync/").text()
    # Another DAG's name is no way in.
    assert stranger.get(f"{live.url}/adbsync/dags/big_move/syncs/shop").status == 404
    assert "stop-dialog" not in viewer.get(live.url + SHOP).text()
    assert "stop-dialog" in enter(ADMIN).request.get(live.url + SHOP).text()


def test_a_pause_is_asked_for_once_recorded_and_ended(live: Stage, enter: Enter) -> None:
    with quiet_page(enter(ADMIN)) as page:
        page.goto(live.url + SHOP)
        page.get_by_role("button", name="Pause …").click()
        keep(page, "pause-dialog")
        page.get_by_role("button", name="Pause", exact=True).click()
        expect(page.locator("#said")).to_contain_text("Asked to pause")
        expect(page.locator(".status")).to_contain_text("paused", timeout=10_000)
        page.wait_for_timeout(2000)
        held = live.target.value("SELECT changes FROM adbsync.progress WHERE sync_id = 'shop'")
        keep(page, "paused")
        page.wait_for_timeout(2000)
        assert live.target.value("SELECT changes FROM adbsync.progress WHERE sync_id = 'shop'") == held
        page.get_by_role("button", name="Resume").click()
        expect(page.locator("#said")).to_contain_text("Resumed")
        expect(page.locator(".status")).to_contain_text("replicating", timeout=10_000)
    assert live.target.fetch("SELECT actor, action FROM adbsync.action ORDER BY done_at DESC LIMIT 2") == [
        ("admin", "resume"),
        ("admin", "pause"),
    ]


def test_a_stop_is_asked_for_once_recorded_and_withdrawn(live: Stage, enter: Enter) -> None:
    with quiet_page(enter(ADMIN)) as page:
        page.goto(live.url + SHOP)
        page.get_by_role("button", name="Stop at a point").click()
        keep(page, "stop-dialog")
        page.get_by_label("Stop at this LSN").fill("FFFFFF/0")
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.locator("#said")).to_contain_text("Asked to stop at FFFFFF/0")
        expect(page.locator("#stop-dialog")).not_to_be_visible()
        expect(page.locator(".status")).to_contain_text("stopping", timeout=10_000)
        expect(page.locator("#bottom")).to_contain_text("admin stop at FFFFFF/0")
        assert live.target.value("SELECT stop_at::text FROM adbsync.progress") == "FFFFFF/0"
        page.get_by_role("button", name="Withdraw").click()
        expect(page.locator("#said")).to_contain_text("withdrawn")
        expect(page.locator(".status")).to_contain_text("replicating", timeout=10_000)
    assert live.target.value("SELECT stop_at FROM adbsync.progress") is None
    asked = live.target.fetch("SELECT actor, action FROM adbsync.action ORDER BY done_at DESC LIMIT 2")
    assert asked == [("admin", "go on"), ("admin", "stop")]
    log = (
        enter(ADMIN).request.get(f"{live.url}/api/v2/eventLogs?dag_id=shop_live&order_by=-id&limit=20").json()
    )
    events = {each["event"]: each["owner"] for each in log["event_logs"]}
    assert (events["adbsync_stop"], events["adbsync_go_on"]) == ("admin", "admin")
