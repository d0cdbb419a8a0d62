"""Loading a bin: its tables side by side, each tried again by itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import AdbsyncError, ConfigError
from airflow_adbsync.engine.events import EventSink, TableLoaded, ignore
from airflow_adbsync.engine.load.beside import stays
from airflow_adbsync.engine.load.bins import Bin
from airflow_adbsync.engine.load.builders import Builders
from airflow_adbsync.engine.load.chunked import load_chunked
from airflow_adbsync.engine.load.chunks import share_bytes
from airflow_adbsync.engine.load.crew import Crew, Hand, Job
from airflow_adbsync.engine.load.cutting import cut
from airflow_adbsync.engine.load.definition import Definitions
from airflow_adbsync.engine.load.progress import Progress, Spend
from airflow_adbsync.engine.load.session import Pair, open_pair
from airflow_adbsync.engine.load.table import LoadedTable, analyze, load_whole
from airflow_adbsync.engine.model import QualifiedName, Relation
from airflow_adbsync.engine.pacing import Throttle
from airflow_adbsync.engine.retry import Windows, with_retries
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
# Below so many bytes, finish_schema is quicker: it builds the indexes of many tables in one transaction.
_WORTH_BUILDING = 4 << 20


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a bin's task did: tables that it loaded, and those that were loaded already."""

    number: int
    loaded: tuple[LoadedTable, ...]
    skipped: tuple[QualifiedName, ...]

    @property
    def rows(self) -> int:
        """All rows of the bin that were loaded now."""
        return sum(table.rows for table in self.loaded)

    @property
    def bytes(self) -> int:
        """All bytes of the bin that were loaded now."""
        return sum(table.bytes for table in self.loaded)

    def to_json(self) -> dict[str, Any]:
        """A summary."""
        return {
            "number": self.number,
            "tables": len(self.loaded),
            "skipped": len(self.skipped),
            "rows": self.rows,
            "bytes": self.bytes,
            "seconds": round(sum(table.seconds for table in self.loaded), 3),
        }


def load_bin(sync: Sync, bin_: Bin, on_event: EventSink = ignore, reload: bool = False) -> LoadResult:
    """Load the tables of a bin that are not loaded yet, or, with ``reload``, all of them.

    Each table, or each chunk of a large one, is committed by itself together with its snapshot, so the task
    can be killed and run again at any moment. What can pass by itself is tried again, table by table. Events
    come from several threads, one at a time.

    Raises:
        SyncUnknown: the sync was not started.
        ConfigError: the bin holds a table that is not the sync's.
        RelationDrifted: a table of the target doesn't fit the source's.
        StatementFailed: the target refused a row; the message is the server's.
    """
    with state.phases.running(sync.target, sync.sync_id, "load", complete=_all_loaded(sync.sync_id)):
        loaded = _Loader(sync, bin_, on_event, reload=reload).run()
        _make_lasting(sync)
        tables = [(name, loaded[name]) for name in bin_.tables]
        return LoadResult(
            bin_.number,
            tuple(table for _, table in tables if table),
            tuple(name for name, table in tables if not table),
        )


class _Loader:
    """One run over a bin's tables."""

    def __init__(self, sync: Sync, bin_: Bin, on_event: EventSink, *, reload: bool) -> None:
        self._sync = sync
        self._bin = bin_
        self._on_event = on_event
        self._reload = reload
        self._definitions = Definitions(bin_.tables, sync.shapes)
        self._loaded: dict[QualifiedName, LoadedTable | None] = {}
        self._throttle = Throttle(sync, "load")
        self._builders = Builders(sync)
        self._lock = threading.Lock()

    def run(self) -> dict[QualifiedName, LoadedTable | None]:
        """Load the tables; None stands where one was loaded already."""
        hands = self._sync.config.load.connections_per_task
        with self._throttle, self._builders:
            Crew(hands, lambda: open_pair(self._sync)).run(map(self._job, self._bin.tables))
        return self._loaded

    def _job(self, name: QualifiedName) -> Job:
        return lambda hand: self._load(hand, name)

    def _load(self, hand: Hand, name: QualifiedName) -> None:
        """Load a table, trying again what can pass."""
        options = self._sync.config.load
        windows = Windows(options.retry_connections_for, options.retry_for)
        table = with_retries(
            lambda: hand.use(lambda pair: self._try(hand, pair, name)), windows, sleep=hand.sleep
        )
        with self._lock:
            self._loaded[name] = table
            if table is None:
                _LOG.info("%s is loaded already; left as it is.", name)
            else:
                self._say(table)
        self._complete(hand, name, table)

    def _say(self, table: LoadedTable) -> None:
        megabytes = table.bytes / 1e6
        speed = megabytes / table.seconds if table.seconds else 0.0
        _LOG.info(
            "Loaded %s: %d rows, %.1f MB in %.1f s (%.1f MB/s).",
            table.name,
            table.rows,
            megabytes,
            table.seconds,
            speed,
        )
        self._on_event(TableLoaded(str(table.name), table.rows, table.bytes, table.seconds))

    def _try(self, hand: Hand, pair: Pair, name: QualifiedName) -> LoadedTable | None:
        sync_id = self._sync.sync_id
        with typed_errors(self._sync.target, f"loading {name}"):
            known = state.relations.find(pair.target.conn, sync_id, name)
        if known is None:
            raise ConfigError(
                f"{name} is not a table of sync {sync_id!r}.",
                remedy="Run the start phase, which notes the tables, then plan the load again.",
            )
        if known.snapshot and not self._reload:
            return None
        self._throttle.spend(hand.sleep, queries=1)
        both = self._definitions.take(pair, name)
        # While incremental runs, a table has to have one snapshot from one moment to the next.
        whole = known.snapshot or stays(pair, sync_id, name)
        conditions = () if whole else cut(pair.source, both.source, self._chunk_bytes(both.source))
        if conditions:
            return load_chunked(hand, pair, sync_id, both, conditions=conditions, spend=self._spend(hand))
        watch = Progress(name, both.source.bytes, self._spend(hand)).watch()
        return load_whole(pair, sync_id, both, watch, reload=self._reload)

    def _chunk_bytes(self, table: Relation) -> int:
        options = self._sync.config.load
        return share_bytes(table.bytes, self._bin.bytes, options.connections_per_task, options.chunk_bytes)

    def _spend(self, hand: Hand) -> Spend:
        def spend(rows: int, bytes_: int) -> None:
            hand.check()
            self._throttle.spend(hand.sleep, rows=rows, bytes_=bytes_)

        return spend

    def _complete(self, hand: Hand, name: QualifiedName, loaded: LoadedTable | None) -> None:
        """Have a large table's indexes built and statistics gathered; a small one's indexes come at the end.

        The table is loaded without them too, so this is tried once.
        """
        target = self._sync.shapes.table(name)

        def act(pair: Pair) -> None:
            size = loaded.bytes if loaded else self._known_bytes(pair, name)
            if size >= _WORTH_BUILDING:
                self._builders.add(pair.target.conn, target, size, analyze=loaded is not None)
            elif loaded:
                analyze(pair.target, target)

        try:
            hand.use(act)
        except AdbsyncError as error:
            _LOG.warning("%s is loaded, but what follows failed: %s", name, error)

    def _known_bytes(self, pair: Pair, name: QualifiedName) -> int:
        with typed_errors(self._sync.target, f"reading how large {name} is"):
            known = state.relations.find(pair.target.conn, self._sync.sync_id, name)
        return known.bytes or 0 if known else 0


def _make_lasting(sync: Sync) -> None:
    """Have what the sessions committed without waiting for the disk there before the task counts as done.

    A crash of the target's server before this loses a table's or a chunk's rows and the note of it together.
    """
    with connect(sync.target) as conn, typed_errors(sync.target, "waiting for the loaded rows to be on disk"):
        state.relations.make_lasting(conn, sync.sync_id)


def _all_loaded(sync_id: str) -> Callable[[Connection], bool]:
    def complete(target: Connection) -> bool:
        return all(relation.snapshot for relation in state.relations.read(target, sync_id).values())

    return complete
