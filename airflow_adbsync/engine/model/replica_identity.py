"""What of an old row the source writes to its log."""

from __future__ import annotations

from enum import StrEnum


class ReplicaIdentity(StrEnum):
    """``pg_class.relreplident``, which is also pgoutput's Relation message's letter for it."""

    DEFAULT = "d"
    NOTHING = "n"
    FULL = "f"
    INDEX = "i"
