"""Loading one table whole: one transaction on each side."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.beside import copy_beside, refuse_reload, stays
from airflow_adbsync.engine.load.copying import Copy
from airflow_adbsync.engine.load.counting import refuse_dropped
from airflow_adbsync.engine.load.definition import Both, refuse_change
from airflow_adbsync.engine.load.emptying import empty
from airflow_adbsync.engine.load.progress import OnBatch
from airflow_adbsync.engine.load.relay import Relayed
from airflow_adbsync.engine.load.session import Pair, Session
from airflow_adbsync.engine.load.snapshot import read_position, read_snapshot
from airflow_adbsync.engine.model import QualifiedName, Snapshot


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """A committed load; ``bytes`` as they went over the wire."""

    name: QualifiedName
    rows: int
    bytes: int
    seconds: float


def load_whole(
    pair: Pair, sync_id: str, both: Both, on_batch: OnBatch, *, reload: bool
) -> LoadedTable | None:
    """Replace the target's rows by the source's; None where another task has done so meanwhile.

    The target's table is locked before the snapshot is taken: the applier can't have written, under this
    lock, a change which the snapshot doesn't hold. The rows and the snapshot that they were read under are
    committed together.

    Raises:
        TransientServerError: the source's definition was changed.
        TableNotEmpty: the target's rows are not the sync's to remove.
        StatementFailed: the target refused a row.
    """
    began = time.monotonic()
    name = both.source.name
    with typed_errors(pair.target.endpoint, f"loading {name}"), pair.target.transaction():
        pair.target.conn.execute(statements.lock_target(both.target))
        known = state.relations.find(pair.target.conn, sync_id, name)
        if known and known.snapshot and not reload:
            return None
        if stays(pair, sync_id, name):
            if known and known.generation:
                refuse_reload(pair, both)
            snapshot, relayed = _read(pair, both, lambda: copy_beside(pair, both, on_batch))
        else:
            freeze = empty(pair.target, sync_id, both, pair.existing_rows) and pair.target.can.copy_freeze
            copy = Copy(pair, both)
            snapshot, relayed = _read(pair, both, lambda: copy.run(on_batch=on_batch, freeze=freeze))
            refuse_dropped(pair.target, both, relayed.rows)
        loaded = LoadedTable(name, relayed.rows, relayed.bytes, time.monotonic() - began)
        state.chunks.forget(pair.target.conn, sync_id, name)
        record(pair, sync_id, loaded, snapshot, both)
    return loaded


def analyze(target: Session, name: QualifiedName) -> None:
    """Gather the planner's statistics of a loaded table."""
    with typed_errors(target.endpoint, f"analyzing {name}"):
        target.conn.execute(f"ANALYZE {name.sql}")


def record(pair: Pair, sync_id: str, loaded: LoadedTable, snapshot: Snapshot, both: Both) -> None:
    """Note a table as loaded."""
    with typed_errors(pair.source.endpoint, "reading its WAL position"):
        read_lsn = read_position(pair.source)
    state.relations.set_loaded(
        pair.target.conn,
        sync_id,
        loaded.name,
        snapshot=snapshot,
        rows=loaded.rows,
        bytes_=loaded.bytes,
        seconds=loaded.seconds,
        column_numbers=both.numbers,
        read_lsn=read_lsn,
    )


def _read(pair: Pair, both: Both, copy: Callable[[], Relayed]) -> tuple[Snapshot, Relayed]:
    name = both.source.name
    with typed_errors(pair.source.endpoint, f"reading {name}"), pair.source.transaction():
        pair.source.conn.execute(statements.lock_source(both.source))
        snapshot = read_snapshot(pair.source.conn, pair.source.can)
        refuse_change(pair.source, both)
        relayed = copy()
    return snapshot, relayed
