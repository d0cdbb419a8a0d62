"""Rows from one server's COPY to the other's, unparsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.load.copy_in import CopyIn
from airflow_adbsync.engine.load.copy_out import CopyOut
from airflow_adbsync.engine.load.waiting import READ, wait


@dataclass(frozen=True, slots=True)
class Relayed:
    """What went through; ``rows`` are those that the target took, by its command tag."""

    rows_sent: int
    rows: int
    bytes: int


def relay(source: CopyOut, target: CopyIn, on_batch: Callable[[int, int], None]) -> Relayed:
    """Relay a COPY that both sides have started, to its end.

    ``on_batch`` hears, before a batch is written, of the bytes and rows so far, that batch included.

    Raises:
        AdbsyncError: one side failed. Then both have been ended, and both transactions are to be rolled back.
    """
    sent = 0
    try:
        while batch := _next_batch(source, target):
            sent += sum(map(len, batch))
            on_batch(sent, source.taken)
            # A long row is let go of before the next one is taken.
            while batch:
                target.write(batch.pop(0))
        target.finish()
    except AdbsyncError as error:
        target.abort(f"the source's COPY ended: {type(error).__name__}")
        source.cancel()
        raise
    return Relayed(source.rows, target.rows, sent)


def _next_batch(source: CopyOut, target: CopyIn) -> list[bytes | memoryview]:
    while not (batch := source.read()) and source.running:
        happened = wait({source.socket: READ, target.socket: READ})
        if target.socket in happened:
            target.listen()
        if source.socket in happened:
            source.receive()
    return batch
