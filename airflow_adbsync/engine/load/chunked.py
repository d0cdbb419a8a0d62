"""Loading one large table in chunks, which several hands copy and each of which is committed by itself.

All that is committed shows the table as one snapshot saw it: chunks are read under the snapshot that their
first reader has exported, and what an earlier attempt left is brought up to the new one before it goes on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.errors import TransientServerError
from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.copying import Copy
from airflow_adbsync.engine.load.counting import refuse_dropped
from airflow_adbsync.engine.load.crew import Hand, Job
from airflow_adbsync.engine.load.definition import Both, refuse_change
from airflow_adbsync.engine.load.emptying import empty
from airflow_adbsync.engine.load.progress import Progress, Spend
from airflow_adbsync.engine.load.refreshing import lasting_key, refresh
from airflow_adbsync.engine.load.relay import Relayed
from airflow_adbsync.engine.load.session import Pair
from airflow_adbsync.engine.load.snapshot import Exported, export_snapshot
from airflow_adbsync.engine.load.table import LoadedTable, record
from airflow_adbsync.engine.model import QualifiedName, Snapshot
from airflow_adbsync.engine.state.chunks import ChunkState

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt at a table: the claim that keeps an earlier one from writing, and what that one left."""

    sync_id: str
    both: Both
    claim: int
    chunks: tuple[ChunkState, ...]

    @property
    def name(self) -> QualifiedName:
        return self.both.source.name

    @property
    def done(self) -> tuple[ChunkState, ...]:
        return tuple(chunk for chunk in self.chunks if chunk.snapshot)

    @property
    def left(self) -> tuple[ChunkState, ...]:
        return tuple(chunk for chunk in self.chunks if not chunk.snapshot)

    @contextmanager
    def writing(self, pair: Pair) -> Iterator[None]:
        """A transaction on the target that commits only while the claim stands."""
        with typed_errors(pair.target.endpoint, f"loading {self.name}"), pair.target.transaction():
            yield
            if not state.chunks.holds(pair.target.conn, self.sync_id, self.name, self.claim):
                raise TransientServerError(
                    f"Another task has begun to load {self.name} meanwhile.",
                    remedy="Nothing: it is looked at again.",
                )

    def note(
        self, pair: Pair, chunk: ChunkState, snapshot: Snapshot, relayed: Relayed, *, began: float
    ) -> None:
        """Note a chunk's rows in the transaction that holds them."""
        state.chunks.record(
            pair.target.conn,
            self.sync_id,
            self.name,
            chunk.number,
            snapshot=snapshot,
            rows=relayed.rows,
            bytes_=relayed.bytes,
            seconds=time.monotonic() - began,
        )


def load_chunked(
    hand: Hand, pair: Pair, sync_id: str, both: Both, *, conditions: Sequence[str], spend: Spend
) -> LoadedTable | None:
    """Load what is left of a table that is not loaded yet; None where another task has done so meanwhile.

    Raises:
        TransientServerError: the source's definition was changed, or another task took the table over.
        StatementFailed: the target refused a row.
    """
    began = time.monotonic()
    attempt = _claim(pair, sync_id, both, conditions)
    if attempt is None:
        return None
    progress = Progress(attempt.name, both.source.bytes, spend, len(attempt.chunks))
    with typed_errors(pair.source.endpoint, f"reading {attempt.name}"), pair.source.transaction():
        pair.source.conn.execute(statements.lock_source(both.source))
        exported = export_snapshot(pair.source)
        refuse_change(pair.source, both)
        _refresh(pair, attempt, exported, progress)
        hand.share(_part(attempt, chunk, exported, progress) for chunk in attempt.left)
    with attempt.writing(pair):
        chunks = state.chunks.read(pair.target.conn, sync_id, attempt.name)
        rows, size = sum(chunk.rows for chunk in chunks), sum(chunk.bytes for chunk in chunks)
        refuse_dropped(pair.target, both, rows)
        loaded = LoadedTable(attempt.name, rows, size, time.monotonic() - began)
        record(pair, sync_id, loaded, exported.snapshot, both)
    return loaded


def _claim(pair: Pair, sync_id: str, both: Both, conditions: Sequence[str]) -> _Attempt | None:
    """Take the table over; what an earlier attempt committed is kept where it can be brought up to date.

    The lock waits for what that attempt is still writing: it is committed and noted, or it never will be.
    """
    name = both.source.name
    with typed_errors(pair.target.endpoint, f"loading {name}"), pair.target.transaction():
        target = pair.target.conn
        target.execute(statements.lock_target(both.target))
        known = state.relations.find(target, sync_id, name)
        if known and known.snapshot:
            return None
        claim, read_as = state.chunks.claim(target, sync_id, name)
        chunks = state.chunks.read(target, sync_id, name)
        if not any(chunk.snapshot for chunk in chunks) or not _can_go_on(both, read_as):
            empty(pair.target, sync_id, both, pair.existing_rows)
            state.chunks.begin(target, sync_id, name, conditions, both.read_as)
            chunks = state.chunks.read(target, sync_id, name)
    return _Attempt(sync_id, both, claim, chunks)


def _can_go_on(both: Both, read_as: str | None) -> bool:
    if read_as != both.read_as:
        _LOG.info(
            "%s was changed on the source since a part of it was copied: it starts over.", both.source.name
        )
        return False
    if lasting_key(both) is None:
        _LOG.info("%s has no key to find copied rows by: it starts over.", both.source.name)
        return False
    return True


def _refresh(pair: Pair, attempt: _Attempt, exported: Exported, progress: Progress) -> None:
    key = lasting_key(attempt.both)
    if not attempt.done or key is None:
        return
    _LOG.info(
        "%s: %d of %d chunks are there; they are brought up to date, then the others follow.",
        attempt.name,
        len(attempt.done),
        len(attempt.chunks),
    )
    began = time.monotonic()
    with attempt.writing(pair):
        for chunk, relayed in refresh(Copy(pair, attempt.both), key, attempt.done, progress):
            attempt.note(pair, chunk, exported.snapshot, relayed, began=began)
            progress.chunk_is_done(relayed.rows)


def _part(attempt: _Attempt, chunk: ChunkState, exported: Exported, progress: Progress) -> Job:
    return lambda hand: hand.use(lambda pair: _load(pair, attempt, chunk, exported, progress))


def _load(pair: Pair, attempt: _Attempt, chunk: ChunkState, exported: Exported, progress: Progress) -> None:
    began = time.monotonic()
    reading = f"reading {attempt.name}"
    with typed_errors(pair.source.endpoint, reading), exported.reading(pair.source), attempt.writing(pair):
        relayed = Copy(pair, attempt.both).run(on_batch=progress.watch(), conditions=[chunk.condition])
        attempt.note(pair, chunk, exported.snapshot, relayed, began=began)
    progress.chunk_is_done(relayed.rows)
