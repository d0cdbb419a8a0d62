"""Loading a bin: table after table, each tried again by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection, typed_errors
from airflow_adbsync.engine.errors import AdbsyncError, ConfigError
from airflow_adbsync.engine.events import EventSink, TableLoaded, ignore
from airflow_adbsync.engine.load.bins import Bin
from airflow_adbsync.engine.load.session import Pair, open_pair
from airflow_adbsync.engine.load.table import LoadedTable, analyze, load_table
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.retry import with_retries
from airflow_adbsync.engine.sync import Sync

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


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

    Each table is committed by itself together with its snapshot, so the task can be killed and run again at
    any moment. What can pass by itself is tried again for ``load.retry_for``, table by table.

    Raises:
        SyncUnknown: the sync was not started.
        ConfigError: the bin holds a table that is not the sync's.
        RelationDrifted: a table of the target doesn't fit the source's.
        StatementFailed: the target refused a row; the message is the server's.
    """
    with state.phases.running(sync.target, sync.sync_id, "load", complete=_all_loaded(sync.sync_id)):
        with _Loader(sync) as loader:
            results = [(name, loader.load(name, on_event, reload=reload)) for name in bin_.tables]
        loaded = tuple(table for _, table in results if table)
        return LoadResult(bin_.number, loaded, tuple(name for name, table in results if not table))


class _Loader:
    """A pair of sessions that is opened when it is needed, and anew after an error."""

    def __init__(self, sync: Sync) -> None:
        self._sync = sync
        self._pair: Pair | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    def load(self, name: QualifiedName, on_event: EventSink, *, reload: bool) -> LoadedTable | None:
        """Load a table, trying again what can pass; None where it is loaded already."""
        window = self._sync.config.load.retry_for
        table = with_retries(lambda: self._try(lambda pair: self._load(pair, name, reload=reload)), window)
        if table is None:
            _LOG.info("%s is loaded already; left as it is.", name)
            return None
        megabytes = table.bytes / 1e6
        speed = megabytes / table.seconds if table.seconds else 0.0
        _LOG.info(
            "Loaded %s: %d rows, %.1f MB in %.1f s (%.1f MB/s).",
            name,
            table.rows,
            megabytes,
            table.seconds,
            speed,
        )
        on_event(TableLoaded(str(name), table.rows, table.bytes, table.seconds))
        self._analyze(name)
        return table

    def _load(self, pair: Pair, name: QualifiedName, *, reload: bool) -> LoadedTable | None:
        with typed_errors(self._sync.target, f"loading {name}"):
            known = state.relations.find(pair.target.conn, self._sync.sync_id, name)
        if known is None:
            raise ConfigError(
                f"{name} is not a table of sync {self._sync.sync_id!r}.",
                remedy="Run the start phase, which notes the tables, then plan the load again.",
            )
        if known.snapshot and not reload:
            return None
        return load_table(pair, self._sync.sync_id, name, reload=reload)

    def _analyze(self, name: QualifiedName) -> None:
        """The table is loaded with or without statistics, so this is tried once."""
        try:
            self._try(lambda pair: analyze(pair.target, name))
        except AdbsyncError as error:
            _LOG.warning("%s is loaded, but ANALYZE failed: %s", name, error)

    def _try(self, act: Callable[[Pair], T]) -> T:
        try:
            if self._pair is None:
                self._pair = self._open.enter_context(open_pair(self._sync))
            return act(self._pair)
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        self._pair = None
        self._open.close()


def _all_loaded(sync_id: str) -> Callable[[Connection], bool]:
    def complete(target: Connection) -> bool:
        return all(relation.snapshot for relation in state.relations.read(target, sync_id).values())

    return complete
