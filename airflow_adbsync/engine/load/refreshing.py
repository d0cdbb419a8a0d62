"""Bringing the chunks of an earlier attempt up to a new snapshot, so that the table shows one moment again.

A row version that the old snapshot saw lies where it lay: in the same chunk, with an xmin below the old
snapshot's. So a copied row is kept if its key is that of such a version, and removed otherwise: the row was
deleted or changed, or moved to another chunk. Then every newer version in these chunks is copied.
"""

from __future__ import annotations

from collections.abc import Sequence

from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.chunks import changed_since
from airflow_adbsync.engine.load.copying import Copy
from airflow_adbsync.engine.load.definition import Both
from airflow_adbsync.engine.load.progress import Progress
from airflow_adbsync.engine.load.relay import Relayed
from airflow_adbsync.engine.state.chunks import ChunkState

_KEPT = "adbsync_kept"


def lasting_key(both: Both) -> tuple[str, ...] | None:
    """The target's names of a key by which copied rows are found again: of types that all compare alike."""
    types = {column.name: column.type for column in both.source.columns}
    kept = {column.source: column.name for column in both.shape.written if column.source and column.is_plain}
    for key in both.source.keys:
        # Only types outside of pg_catalog are written with their schema, and their operators are too.
        if all(column in kept and "." not in types[column] for column in key.columns):
            return tuple(kept[column] for column in key.columns)
    return None


def refresh(
    copy: Copy, key: Sequence[str], chunks: Sequence[ChunkState], progress: Progress
) -> list[tuple[ChunkState, Relayed]]:
    """Bring these chunks, all read under one snapshot, up to the one that the source's transaction has.

    It runs in the open transactions of both sides. Returns what is copied anew, chunk by chunk; its ``rows``
    are those that the chunk then has.
    """
    target = copy.pair.target.conn
    target.execute(statements.create_keys(copy.both.target, key, _KEPT))
    kept = [_keep(copy, key, chunk, progress) for chunk in chunks]
    target.execute(f"ANALYZE {_KEPT}")
    target.execute(statements.delete_others(copy.both.target, key, _KEPT))
    return [(chunk, _renew(copy, chunk, known, progress)) for chunk, known in zip(chunks, kept, strict=True)]


def _keep(copy: Copy, key: Sequence[str], chunk: ChunkState, progress: Progress) -> int:
    conditions = [chunk.condition, f"NOT {_changed(chunk)}"]
    return copy.keys(key, _KEPT, on_batch=progress.watch(), conditions=conditions).rows


def _renew(copy: Copy, chunk: ChunkState, kept: int, progress: Progress) -> Relayed:
    conditions = [chunk.condition, _changed(chunk)]
    relayed = copy.run(on_batch=progress.watch(), conditions=conditions)
    return Relayed(relayed.rows_sent, relayed.rows + kept, relayed.bytes)


def _changed(chunk: ChunkState) -> str:
    assert chunk.snapshot is not None  # noqa: S101 - only chunks that are there are brought up to date
    return changed_since(chunk.snapshot)
