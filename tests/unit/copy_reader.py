"""COPY's formats and arrays as a server reads them, knowing nothing of what writes them."""

from __future__ import annotations

import re
import struct

from airflow_adbsync.engine.replication.messages import Value

_ESCAPED = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


def read_copy(blocks: list[bytes]) -> list[list[Value]]:
    """What COPY FROM reads (PostgreSQL doc: COPY, Text Format)."""
    data = b"".join(blocks)
    assert data == b"" or data.endswith(b"\n")
    lines = data.split(b"\n")[:-1]
    assert b"\\." not in lines
    assert b"\r" not in data
    return [[_unescape(field) for field in line.split(b"\t")] for line in lines]


def _unescape(field: bytes) -> Value:
    if field == b"\\N":
        return None
    read, at = [], 0
    while at < len(field):
        byte = field[at : at + 1]
        if byte == b"\\":
            at += 1
            byte = _ESCAPED.get(field[at : at + 1], field[at : at + 1])
        read.append(byte)
        at += 1
    return b"".join(read)


def read_binary_copy(blocks: list[bytes]) -> list[list[Value]]:
    """What COPY FROM reads (PostgreSQL doc: COPY, Binary Format)."""
    data = b"".join(blocks)
    if not data:
        return []
    assert data.startswith(b"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0")
    at, rows = 19, []
    while (count := struct.unpack_from(">h", data, at)[0]) >= 0:
        values, at = _read_sized(data, at + 2, count)
        rows.append(values)
    assert at + 2 == len(data)
    return rows


def read_binary_array(data: bytes, element: int) -> list[Value]:
    """What ``array_recv`` reads; of one dimension that begins at 1."""
    dimensions, has_nulls, type_, count, first = struct.unpack_from(">iiIii", data)
    assert (dimensions, type_, first) == (1, element, 1)
    values, at = _read_sized(data, 20, count)
    assert at == len(data)
    assert has_nulls == (None in values)
    return values


def _read_sized(data: bytes, at: int, count: int) -> tuple[list[Value], int]:
    values: list[Value] = []
    for _ in range(count):
        (size,) = struct.unpack_from(">i", data, at)
        at += 4
        values.append(None if size < 0 else data[at : at + size])
        at += max(size, 0)
        assert at <= len(data)
    return values, at


_ELEMENT = re.compile(rb'NULL|"((?:[^"\\]|\\.)*)"', re.DOTALL)


def read_array(text: bytes) -> list[Value]:
    """An array's elements as PostgreSQL reads them: a backslash takes the next byte as it is."""
    assert text[:1] + text[-1:] == b"{}"
    found: list[Value] = []
    at = 1
    while at < len(text) - 1:
        element = _ELEMENT.match(text, at)
        assert element, text[at:]
        quoted = element[1]
        found.append(None if quoted is None else re.sub(rb"(?s)\\(.)", rb"\1", quoted))
        at = element.end()
        assert text[at : at + 1] in (b",", b"}")
        at += 1
    return found
