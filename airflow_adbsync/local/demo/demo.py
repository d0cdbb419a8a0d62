"""The whole of it: servers, shop, Airflow, writer, the migration, and the check at the end."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from airflow_adbsync.engine import replication
from airflow_adbsync.engine.config import Objects, SyncConfig
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local import LocalServer
from airflow_adbsync.local.demo.comparison import compare
from airflow_adbsync.local.demo.directory import DemoDirectory
from airflow_adbsync.local.demo.errors import AirflowRefused, DemoFailed
from airflow_adbsync.local.demo.journal import Journal
from airflow_adbsync.local.demo.outcome import Outcome
from airflow_adbsync.local.demo.picture import Picture, StepState
from airflow_adbsync.local.demo.screen import Screen
from airflow_adbsync.local.demo.shop import WriterProcess, make_shop
from airflow_adbsync.local.demo.stack import USER, AirflowSettings, AirflowStack
from airflow_adbsync.local.demo.watch import Run, Sight, Watch

# As in the DAG.
DAG_ID = "shop_migration"
CONFIG = SyncConfig(
    sync_id="shop",
    source="shop_source",
    target="shop_target",
    objects=Objects(schemas=("shop", "Back Office")),
)
_INCREMENTAL = "incremental"
_CAUGHT_UP = 10.0  # seconds of lag
_REFUSALS_BORNE = 10
_SERVERS, _SHOP, _TABLES, _AIRFLOW = "servers", "shop", "airflow's tables", "airflow"


@dataclass(frozen=True, slots=True)
class Options:
    """``rate`` is the writer's transactions a second, ``scale`` the shop's size (1 is 370,000 rows).

    With ``once`` the demo ends by itself, ``settle`` seconds after the incremental phase has caught up, and
    after ``patience`` seconds at the latest.
    """

    directory: Path
    once: bool = False
    rate: float = 300.0
    scale: float = 1.0
    port: int | None = None
    settle: float = 20.0
    patience: float = 1200.0


class Demo:
    """One demo; `run` is called once, and leaves no process behind however it ends."""

    def __init__(self, options: Options, screen: Screen, *, show_password: bool) -> None:
        self._options = options
        self._screen = screen
        self._show_password = show_password
        self._journal = Journal((_SERVERS, _SHOP, _TABLES, _AIRFLOW))
        self._stack: AirflowStack | None = None
        self._writer: WriterProcess | None = None
        self._sight = Sight("queued")
        self._refusals = 0
        self._address = ""
        self._advice = ""

    def run(self) -> Outcome:
        """Carry it through. Raises `DemoFailed` or the engine's typed errors; Ctrl-C ends it early."""
        with ExitStack() as cleanup:
            try:
                return self._carry_through(cleanup)
            finally:
                # From here on only what leaves no process behind: an impatient Ctrl-C must not cut it short.
                for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(ending, signal.SIG_IGN)
                self._advice = self._advice or "Stopping everything."
                self._show()

    def _carry_through(self, cleanup: ExitStack) -> Outcome:
        directory = DemoDirectory(self._options.directory)
        cleanup.callback(directory.release)
        servers = self._start_servers(cleanup, directory)
        source = servers["source"].create_database("shop")
        target = servers["target"].create_database("shop")
        metadata = servers["airflow-database"].create_database("airflow")
        self._stack = stack = AirflowStack(self._airflow_settings(metadata, directory))
        rows = self._prepare(stack, source)
        cleanup.callback(stack.stop)
        self._start_airflow(stack, source, target)
        self._writer = WriterProcess(source, self._options.rate, directory.path / "writer.log")
        cleanup.callback(self._writer.stop)
        run = Run(CONFIG.sync_id, DAG_ID, stack.rest.trigger(DAG_ID), rows)
        watch = Watch(stack.rest, target, run)
        cleanup.callback(watch.close)
        self._watch_until_settled(watch)
        return self._finish(watch, source, target)

    def _start_servers(self, cleanup: ExitStack, directory: DemoDirectory) -> dict[str, LocalServer]:
        servers = {name: directory.server(name) for name in ("source", "target", "airflow-database")}
        for server in servers.values():
            cleanup.callback(server.stop)

        def start() -> None:
            with self._journal.step(_SERVERS) as note, ThreadPoolExecutor() as threads:
                list(threads.map(LocalServer.start, servers.values()))
                note(f"PostgreSQL 16 on port {servers['source'].port}, 18 on port {servers['target'].port}")

        self._meanwhile(start)
        return servers

    def _airflow_settings(self, metadata: Endpoint, directory: DemoDirectory) -> AirflowSettings:
        return AirflowSettings(
            home=directory.path / "airflow",
            dags=dags_folder(),
            metadata=metadata,
            port=self._options.port or _free_port(8080),
            unused_port=_free_port(),
        )

    def _prepare(self, stack: AirflowStack, source: Endpoint) -> int:
        """Fill the source and make Airflow's tables, side by side; return how many rows there are to move."""
        rows: list[int] = []

        def fill() -> None:
            with self._journal.step(_SHOP) as note:
                rows.append(make_shop(source, self._options.scale))
                note(f"{rows[0]:,} rows")

        def prepare() -> None:
            with self._journal.step(_TABLES):
                stack.prepare()

        self._meanwhile(fill, prepare)
        return rows[0]

    def _start_airflow(self, stack: AirflowStack, source: Endpoint, target: Endpoint) -> None:
        def start() -> None:
            with self._journal.step(_AIRFLOW) as note:
                stack.start()
                stack.wait_until_ready(DAG_ID, note)
                stack.rest.add_connection(CONFIG.source, "adbsync", source)
                stack.rest.add_connection(CONFIG.target, "adbsync", target)
                note("api-server, scheduler, dag-processor, triggerer")

        self._meanwhile(start)
        self._address = f"{stack.settings.url}/dags/{DAG_ID}"

    def _watch_until_settled(self, watch: Watch) -> None:
        """Watch the migration; return when incremental has kept up for a while, or at Ctrl-C after that."""
        settled_at = 0.0
        deadline = time.monotonic() + self._options.patience
        try:
            while True:
                self._look(watch)
                if self._sight.over:
                    raise DemoFailed(f"The DAG run ended too early. {watch.failure(self._sight)}")
                settled_at = settled_at or (time.monotonic() if self._has_caught_up() else 0.0)
                if settled_at and not self._advice:
                    self._advice = self._explain()
                if self._options.once:
                    if settled_at and time.monotonic() - settled_at > self._options.settle:
                        return
                    self._check_deadline(deadline)
        except KeyboardInterrupt:
            if not settled_at:
                raise
            self._advice = (
                "Ctrl-C: the writer stops, the last changes are applied, and both sides are compared."
            )

    def _finish(self, watch: Watch, source: Endpoint, target: Endpoint) -> Outcome:
        """Stop the writer, let the migration end, and compare."""
        assert self._writer is not None  # noqa: S101 - the caller has started it
        written = self._writer.stop()
        self._writer = None
        replication.request_stop(Sync(CONFIG, source, target))
        deadline = time.monotonic() + self._options.patience
        while not self._sight.over:
            self._look(watch)
            self._check_deadline(deadline)
        outcome = Outcome(
            compare(source, target),
            self._sight.run_state,
            (*self._journal.steps(), *self._sight.steps),
            watch.lags,
            written,
            watch.changes,
        )
        if self._sight.run_state != "success":
            self._advice = watch.failure(self._sight)
            self._show()
        return outcome

    def _has_caught_up(self) -> bool:
        watching = self._sight.step(_INCREMENTAL).state is StepState.WATCHING
        return watching and bool(self._sight.lags) and self._sight.lags[-1].seconds < _CAUGHT_UP

    def _explain(self) -> str:
        if self._options.once:
            return f"Caught up. The writer goes on for {self._options.settle:.0f} seconds, then stops."
        return "Caught up, and staying so: look at the DAG's tab Sync in Airflow's UI. Ctrl-C ends the demo."

    def _check_deadline(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise DemoFailed(
                f"The migration was not done after {self._options.patience:.0f} seconds.",
                remedy="See the tasks' logs in the directory airflow/logs.",
            )

    def _look(self, watch: Watch) -> None:
        assert self._stack is not None  # noqa: S101 - there is no watch without it
        self._stack.check()
        if self._writer is not None:
            self._writer.check()
        try:
            self._sight = watch.look()
            self._refusals = 0
        except AirflowRefused as error:
            # Two cores can be too busy for an answer now and then.
            self._refusals += 1
            if error.status in range(400, 500) or self._refusals > _REFUSALS_BORNE:
                raise
        self._show()
        time.sleep(0.5)

    def _meanwhile(self, *work: Callable[[], None]) -> None:
        """Do the work in threads, and show how it goes; raise the first error."""
        with ThreadPoolExecutor() as threads:
            futures: list[Future[None]] = [threads.submit(each) for each in work]
            try:
                while wait(futures, timeout=0.25).not_done:
                    self._show()
            except KeyboardInterrupt:
                if self._stack is not None:
                    self._stack.abandon()
                raise
            self._show()
            for future in futures:
                future.result()

    def _show(self) -> None:
        self._screen.show(
            Picture(
                steps=(*self._journal.steps(), *self._sight.steps),
                writer=self._writer_text(),
                lags=self._sight.lags,
                address=self._address,
                login=self._login(),
                advice=self._advice,
            )
        )

    def _writer_text(self) -> str:
        report = self._writer.report if self._writer else None
        if report is None:
            return ""
        return f"{report.rate:.0f} transactions/s, {report.transactions:,} so far"

    def _login(self) -> str:
        if self._stack is None:
            return ""
        settings = self._stack.settings
        return (
            f"user {USER}, password {settings.password}"
            if self._show_password
            else f"user {USER}, password in {settings.password_file}"
        )


def dags_folder() -> Path:
    """The repository's example DAGs. Raises `DemoFailed` where the package was installed without them."""
    folder = Path(__file__).resolve().parents[3] / "dags"
    if not (folder / f"{DAG_ID}.py").is_file():
        raise DemoFailed(
            f"There is no {DAG_ID}.py in {folder}.",
            remedy="Run the demo in a clone of the repository: make demo",
        )
    return folder


def _free_port(preferred: int = 0) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoFailed("No port could be had on 127.0.0.1.")
