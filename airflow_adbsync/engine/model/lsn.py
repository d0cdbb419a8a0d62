"""The log sequence number: a position in the write-ahead log."""

from __future__ import annotations

import re
from typing import Self

_TEXT = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")


class Lsn(int):
    """A byte position in the source's write-ahead log (PostgreSQL doc: pg_lsn Type).

    Compares and subtracts as the integer it is: ``later - earlier`` is a distance in bytes.
    Written, and read back, as ``16/B374D848``.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read PostgreSQL's text form.

        Raises:
            ValueError: the text is not an LSN.
        """
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not an LSN: write it as PostgreSQL does, e.g. 16/B374D848")
        return cls(int(match[1], 16) << 32 | int(match[2], 16))

    def __str__(self) -> str:
        return f"{self >> 32:X}/{self & 0xFFFFFFFF:X}"

    def __repr__(self) -> str:
        return f"Lsn({str(self)!r})"
