"""The snapshot under which a table was read, and what it could see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

_WRAP = 1 << 32


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What ``pg_current_snapshot()`` returned: which transactions a reader could see.

    Transaction ids are 64 bits wide here (PostgreSQL doc: Transaction ID and Snapshot Information Functions).
    """

    xmin: int
    xmax: int
    in_progress: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form ``xmin:xmax:xip,xip``.

        Raises:
            ValueError: the text is not a snapshot.
        """
        try:
            xmin, xmax, in_progress = text.split(":")
            return cls(int(xmin), int(xmax), frozenset(int(xid) for xid in in_progress.split(",") if xid))
        except ValueError as error:
            raise ValueError(f"{text!r} is not a snapshot: expected xmin:xmax:xip,xip") from error

    def __str__(self) -> str:
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, sorted(self.in_progress)))}"

    def sees(self, xid: int) -> bool:
        """Tell whether a committed transaction with this 32-bit id was visible to the reader.

        The wire carries ids without their epoch; the epoch is the one that brings the id nearest to ``xmax``,
        which holds while the slot is less than 2^31 transactions behind (the server itself allows no more).
        """
        full = self._with_epoch(xid)
        return full < self.xmin or (full < self.xmax and full not in self.in_progress)

    def sees_all(self, xids: Collection[int]) -> bool:
        """Tell whether each of these transactions was visible, without a look at each where that is plain."""
        if not xids:
            return True
        # With the lowest below the highest, what lies between them lies between them with its epoch too.
        if self._with_epoch(min(xids)) <= self._with_epoch(max(xids)) < self.xmin:
            return True
        return all(map(self.sees, xids))

    def _with_epoch(self, xid: int) -> int:
        distance = (xid - self.xmax) % _WRAP
        return self.xmax + (distance - _WRAP if distance >= _WRAP // 2 else distance)
