"""Transactions that begin and commit in the midst of a part. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication.decoder import decode
from airflow_adbsync.engine.replication.messages import Begin, Commit

# Sizes of the messages (PostgreSQL doc: Logical Replication Message Formats).
_BEGIN, _COMMIT = 21, 26
_WRAP = 1 << 32


@dataclass(slots=True)
class Transactions:
    """What `drain` begins and commits by itself: all but what may end the part, or is wrong where it stands.

    ``begin`` is the transaction under way. One begins here where its xid is ``first`` or follows it; none
    where that is None. It commits here if its commit stands behind ``behind``, ends behind ``start``, and
    fewer than ``changes``, of fewer than ``size`` bytes, came since the caller counted. ``commit`` is the
    last commit of these, and ``xids`` are of all that have committed.
    """

    begin: Begin | None
    first: int | None
    start: Lsn
    behind: Lsn
    changes: float
    size: float
    commit: Commit | None = None
    xids: list[int] = field(default_factory=list)

    def take(self, data: bytes, at: int, changes: int, size: int) -> bool:
        """Begin or commit, if the message that starts at an offset says so and may do it here."""
        kind, length = data[at : at + 1], len(data) - at
        if kind == b"B" and length >= _BEGIN:
            return self._may_begin(decode(data, at))
        if kind == b"C" and length >= _COMMIT and changes < self.changes and size < self.size:
            return self._may_commit(decode(data, at))
        return False

    def _may_begin(self, message: object) -> bool:
        if not isinstance(message, Begin) or self.begin is not None or self.first is None:
            return False
        if (message.xid - self.first) % _WRAP >= _WRAP // 2:
            return False
        self.begin = message
        return True

    def _may_commit(self, message: object) -> bool:
        if not isinstance(message, Commit) or self.begin is None:
            return False
        if message.end_lsn <= self.start or message.commit_lsn <= self.behind:
            return False
        self.xids.append(self.begin.xid)
        self.begin, self.commit = None, message
        return True
