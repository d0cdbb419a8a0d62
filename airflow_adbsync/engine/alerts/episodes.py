"""Alerts as episodes: they begin, last and end, whoever looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.state import alerts
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.watch import Watch


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell: an episode that has begun, or one that is over, with what was wrong."""

    sync_id: str
    kind: str
    message: str
    recovered: bool

    def to_json(self) -> dict[str, Any]:
        """For a notifier's templates."""
        return {
            "sync_id": self.sync_id,
            "kind": self.kind,
            "message": self.message,
            "recovered": self.recovered,
            "state": "recovered" if self.recovered else "alert",
        }


class EpisodeWatch(Watch):
    """Keeps the episodes of one sync on its target, from an event loop."""

    _current: set[str] | None = None

    async def settle(self, said: Mapping[str, str | None]) -> tuple[Notice, ...]:
        """Begin an episode of each kind that is wrong and end those that are well; return what is to tell.

        Raises:
            ConnectionFailed: the target is away; the next call says the same again.
        """
        if self._current is None:
            rows = await self._target.fetch(alerts.CURRENT, {"sync_id": self._sync.sync_id})
            self._current = {row[0] for row in rows}
        notices = []
        for kind, message in said.items():
            if (message is not None) == (kind in self._current):
                continue
            told = await self._target.fetch(*_question(self._sync.sync_id, kind, message))
            (self._current.discard if message is None else self._current.add)(kind)
            notices += [Notice(self._sync.sync_id, row[0], row[1], message is None) for row in told]
        return tuple(notices)

    async def reopen(self, notice: Notice) -> None:
        """Forget that an episode was told of, because it could not be: the next look tells again."""
        if not notice.recovered:
            await self._target.fetch(*_question(self._sync.sync_id, notice.kind, None))
            (self._current or set()).discard(notice.kind)


def settle(sync: Sync, said: Mapping[str, str | None]) -> tuple[Notice, ...]:
    """`EpisodeWatch.settle`, for callers without an event loop."""
    notices = []
    with connect(sync.target, autocommit=True) as conn, typed_errors(sync.target, "noting alerts"):
        for kind, message in said.items():
            rows = conn.execute(*_question(sync.sync_id, kind, message)).fetchall()
            notices += [Notice(sync.sync_id, row[0], row[1], message is None) for row in rows]
    return tuple(notices)


def _question(sync_id: str, kind: str, message: str | None) -> tuple[str, dict[str, Any]]:
    if message is None:
        return alerts.END, {"sync_id": sync_id, "kind": kind}
    return alerts.BEGIN, {"sync_id": sync_id, "kind": kind, "message": message}
