"""No transaction of the source is open for so long that the slot would wait for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.amounts import time
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import listed

NAME = "long_transactions"


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """``seconds`` old; ``gid`` names a prepared one, which has no ``pid``; ``writes`` if it has an xid."""

    seconds: float
    pid: int | None
    gid: str | None
    user: str
    database: str
    application: str
    writes: bool

    def __str__(self) -> str:
        who = f"prepared {self.gid!r}" if self.gid is not None else f"pid {self.pid}"
        what = "holds up the slot" if self.writes else "holds up vacuum"
        programme = f", {self.application}" if self.application else ""
        return (
            f"{who} ({self.user}, database {self.database}{programme}): open for {time(self.seconds)}, {what}"
        )

    @property
    def end(self) -> str:
        """The statement that ends it."""
        if self.gid is None:
            return f"SELECT pg_terminate_backend({self.pid});"
        return f"ROLLBACK PREPARED '{self.gid.replace(chr(39), chr(39) * 2)}';"


def assess(found: Sequence[OpenTransaction], limit: timedelta) -> Finding:
    """A slot comes to be once all that have written by then have ended; vacuum waits for the others too."""
    long = [item for item in found if item.seconds >= limit.total_seconds()]
    if not long:
        return passed(NAME, f"No transaction is open for {time(limit.total_seconds())}.", subject="source")
    return alert(
        NAME,
        f"{listed(long, 3)}.",
        f"Have them ended: {' '.join(item.end for item in long[:3])}",
        subject="source",
    )


def _look(context: Context) -> Iterator[Finding]:
    rows = context.source.rows("long_transactions")
    yield assess([OpenTransaction(*row) for row in rows], context.sync.config.precheck.long_transaction)


CHECK = Check(NAME, _look)
