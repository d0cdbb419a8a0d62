"""How a sync ends: the cut-over to the target, and the sequences there."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from airflow_adbsync.engine.config.quantities import Duration, Size
from airflow_adbsync.engine.config.section import Section


class SequenceOptions(Section):
    """``margin``: by how many values a sequence of the target is put further than the source's stands."""

    margin: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0


class FenceKind(StrEnum):
    """How writes to the source are kept out while the target takes over.

    ``read_only``: the database's ``default_transaction_read_only`` is turned on and every session ended, so
    that all come back under it. ``revoke``: INSERT, UPDATE, DELETE and TRUNCATE on the sync's tables are
    taken from whoever has them; superusers need none. ``none``: somebody has stopped the writers.
    """

    NONE = "none"
    READ_ONLY = "read_only"
    REVOKE = "revoke"


class CutoverVerify(StrEnum):
    """How both sides are compared while writes are fenced; rows can be compared in full before that."""

    NONE = "none"
    COUNT = "count"
    SAMPLED = "sampled"
    FULL = "full"


class CutoverOptions(Section):
    """The cut-over waits for a lag under ``max_lag_bytes`` and ``max_lag``, then for somebody's ``approval``.

    ``reverse``: from then on what is written to the target is brought back to the source, so that one can
    go back.
    """

    max_lag_bytes: Size = 16 << 20
    max_lag: Duration = timedelta(seconds=10)
    approval: bool = True
    fence: FenceKind = FenceKind.READ_ONLY
    verify: CutoverVerify = CutoverVerify.COUNT
    reverse: bool = False
