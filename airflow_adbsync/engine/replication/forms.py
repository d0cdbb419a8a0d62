"""The two forms in which values come from the source and go to the target: text and binary. Pure.

PostgreSQL doc: COPY, File Formats. A binary array is what the server's ``array_recv`` reads.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Collection, Sequence
from typing import Protocol

from airflow_adbsync.engine.replication.messages import UNCHANGED, Value

_SPECIAL = re.compile(rb"[\\\t\n\r]").search
_ESCAPES = ((b"\\", b"\\\\"), (b"\t", b"\\t"), (b"\n", b"\\n"), (b"\r", b"\\r"))
_int16 = struct.Struct("!h").pack
_int32 = struct.Struct("!i").pack
# Dimensions, whether there may be NULLs, the elements' type, how many there are, the first one's number.
_array = struct.Struct("!iiIii").pack


class Form(Protocol):
    """How values are written for COPY, between ``begin`` and ``end``, and as an array."""

    begin: bytes
    end: bytes

    def number(self, number: int) -> bytes:
        """A value of type integer."""

    def row(self, values: Collection[Value]) -> bytes:
        """A row; what was not sent is written as NULL."""

    def array(self, values: Sequence[Value], element: int) -> bytes:
        """An array of elements of this type, by its oid."""


class TextForm:
    """COPY's text format, and an array's text form."""

    begin = end = b""

    def number(self, number: int) -> bytes:
        """Its digits."""
        return b"%d" % number

    def row(self, values: Collection[Value]) -> bytes:
        """A line."""
        return b"\t".join(map(_field, values)) + b"\n"

    def array(self, values: Sequence[Value], element: int) -> bytes:  # noqa: ARG002 - text has no need of it
        """Every element is quoted, whatever its type (PostgreSQL doc: Array Input and Output Syntax)."""
        return b"{%b}" % b",".join(map(_element, values))


class BinaryForm:
    """COPY's binary format, and an array's binary form."""

    begin = b"PGCOPY\n\xff\r\n\0" + bytes(8)
    end = b"\xff\xff"

    def number(self, number: int) -> bytes:
        """Four bytes."""
        return _int32(number)

    def row(self, values: Collection[Value]) -> bytes:
        """The number of values, then each with its length."""
        return _int16(len(values)) + b"".join(map(_sized, values))

    def array(self, values: Sequence[Value], element: int) -> bytes:
        """Its dimension, then each element with its length."""
        head = _array(1, int(None in values or UNCHANGED in values), element, len(values), 1)
        return head + b"".join(map(_sized, values))


TEXT: Form = TextForm()
BINARY: Form = BinaryForm()


def _field(value: Value) -> bytes:
    if value is None or value is UNCHANGED:
        return b"\\N"
    return _escape(value) if _SPECIAL(value) else value


def _escape(value: bytes) -> bytes:
    for plain, escaped in _ESCAPES:
        value = value.replace(plain, escaped)
    return value


def _element(value: Value) -> bytes:
    if value is None or value is UNCHANGED:
        return b"NULL"
    return b'"%b"' % value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def _sized(value: Value) -> bytes:
    if value is None or value is UNCHANGED:
        return b"\xff\xff\xff\xff"
    return _int32(len(value)) + value
