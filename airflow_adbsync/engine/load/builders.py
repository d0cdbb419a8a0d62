"""Sessions that build the keys and indexes of tables that are in, while other tables are still copied.

What goes wrong here is left to the finish_schema phase, which builds what is missing and says what failed.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.load.building import Site, Step, pick
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
_LOOK_EVERY = 0.5
_END_WITHIN = 5.0
# An index may take longer than the target lets a query take.
_SETTINGS = {
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "client_min_messages": "error",
    # A crash takes an index and the note of it away together; what commits later comes after both.
    "synchronous_commit": "off",
}


class Builders:
    """``schema.index_workers`` threads, each with a session while it has something to build.

    The tasks of one sync share so many places, so that no more indexes are built at once by all together.
    """

    def __init__(self, sync: Sync) -> None:
        self._sync = sync
        self._changed = threading.Condition()
        self._sites: list[Site] = []
        self._threads: list[threading.Thread] = []
        self._at_work: dict[int, Connection] = {}
        self._complete = self._over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until all is built; break it off where the load has failed."""
        try:
            if error is None:
                self._wait()
        finally:
            self._end()

    def add(self, conn: Connection, table: QualifiedName, size: int, *, analyze: bool) -> None:
        """Build what waits for a table of the target that is loaded; ``conn`` is a session there."""
        with typed_errors(self._sync.target, f"looking what is to be built on {table}"):
            builds = state.builds.waiting(conn, self._sync.sync_id, table)
        site = Site(table, size, builds, analyze=analyze)
        with self._changed:
            if site.is_done or self._over:
                return
            self._sites.append(site)
            if not self._threads:
                self._start()
            self._changed.notify_all()

    def _start(self) -> None:
        for number in range(self._sync.config.schema_options.index_workers):
            thread = threading.Thread(target=self._work, args=(number,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _wait(self) -> None:
        with self._changed:
            self._complete = True
            self._changed.notify_all()
            # A wait without a limit would keep signals from being heard.
            while any(thread.is_alive() for thread in self._threads):
                self._changed.wait(_LOOK_EVERY)

    def _end(self) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()
            running = list(self._at_work.values())
        for conn in running:
            with suppress(Exception):
                conn.cancel_safe(timeout=_END_WITHIN)
        for thread in self._threads:
            thread.join(_END_WITHIN)

    def _work(self, number: int) -> None:
        place = _Place(self._sync)
        try:
            while self._is_wanted():
                if place.take():
                    self._build(number, place)
                else:
                    place.close()
                    time.sleep(_LOOK_EVERY)
        except AdbsyncError as error:
            _LOG.warning("Indexes are left to the end, for now: %s", error)
        finally:
            place.close()
            with self._changed:
                self._changed.notify_all()

    def _is_wanted(self) -> bool:
        """Wait until there may be something to build; False where there is nothing more to come."""
        with self._changed:
            while not self._over:
                if any(site.can_begin for site in self._sites):
                    return True
                if self._complete and not self._sites:
                    return False
                self._changed.wait(_LOOK_EVERY)
            return False

    def _build(self, number: int, place: _Place) -> None:
        """One step, if there is still one."""
        with self._changed:
            step = None if self._over else pick(self._sites)
            if step:
                self._at_work[number] = place.conn
        well = False
        try:
            if step:
                well = self._run(place, step)
        finally:
            with self._changed:
                self._at_work.pop(number, None)
                if step:
                    step.site.end(well=well)
                    self._sites = [site for site in self._sites if not site.is_done]
                self._changed.notify_all()
            place.leave()

    def _run(self, place: _Place, step: Step) -> bool:
        began = time.monotonic()
        try:
            place.run(step)
        except AdbsyncError as error:
            if not self._over:
                _LOG.warning("%s is left to the end: %s", step, error)
            return False
        _LOG.info("%s: done in %.1f s.", step, time.monotonic() - began)
        return True


class _Place:
    """One thread's session, and which of the numbered places it has."""

    def __init__(self, sync: Sync) -> None:
        self._sync = sync
        self._number = -1
        self._conn: Connection | None = None

    @property
    def conn(self) -> Connection:
        """The session, opened when it is first needed, and again when it is lost."""
        if self._conn is None or self._conn.closed:
            memory = self._sync.config.schema_options.maintenance_work_mem
            more = {"maintenance_work_mem": f"{memory >> 10}kB"} if memory else {}
            self._conn = connect(self._sync.target, autocommit=True, **_SETTINGS, **more)
            with typed_errors(self._sync.target, "opening a session for indexes"):
                state.ownership.hold_load(self._conn, self._sync.sync_id)
        return self._conn

    def take(self) -> bool:
        """Take a place that nobody has; False where all are taken."""
        sync = self._sync
        with typed_errors(sync.target, "opening a session for indexes"):
            numbers = range(sync.config.schema_options.index_workers)
            taken = (each for each in numbers if state.ownership.try_build(self.conn, sync.sync_id, each))
            self._number = next(taken, -1)
        return self._number >= 0

    def leave(self) -> None:
        """Give the place back; a session that is lost has done so."""
        if self._conn is not None and not self._conn.closed:
            with typed_errors(self._sync.target, "building indexes"):
                state.ownership.leave_building(self._conn, self._sync.sync_id, self._number)

    def run(self, step: Step) -> None:
        """Run the statement, and note it, as one simple query: a transaction."""
        conn = self.conn
        with typed_errors(self._sync.target, f"building {step}"):
            if step.build is None:
                conn.execute(f"ANALYZE {step.site.table.sql}")
                return
            note = state.statements.note_done(self._sync.sync_id, [(step.build.object, step.build.sql)])
            conn.execute(f"{step.build.sql};\n".encode() + note.as_bytes(conn))

    def close(self) -> None:
        """End the session."""
        if self._conn is not None:
            self._conn.close()
