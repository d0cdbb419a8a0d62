"""Net changes as the text that COPY reads into a staging table. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from airflow_adbsync.engine.replication.messages import UNCHANGED, Tuple, Value
from airflow_adbsync.engine.replication.net_change import KeyedChanges, KeylessChanges

_SPECIAL = re.compile(rb"[\\\t\n\r]").search
_ESCAPES = ((b"\\", b"\\\\"), (b"\t", b"\\t"), (b"\n", b"\\n"), (b"\r", b"\\r"))
_NULL = b"\\N"
_BLOCK = 1 << 18

Mask = tuple[int, ...]


@dataclass(slots=True)
class Census:
    """How many staged rows there are of each operation, and the masks that occur."""

    inserts: int
    deletes: int
    updates: dict[Mask, int]

    @property
    def only_inserts(self) -> bool:
        """Tell whether all rows are new."""
        return not self.deletes and not any(self.updates.values())


def take_census(changes: KeyedChanges) -> Census:
    """Count what `encode_keyed` will write; a mask's number is its place in ``updates``, from 0 on."""
    census = Census(0, 0, {(): 0})
    for row in changes.rows():
        if row.image is None:
            census.deletes += 1
        elif row.origin is None:
            census.inserts += 1
        else:
            mask = mask_of(row.image)
            census.updates[mask] = census.updates.get(mask, 0) + 1
    return census


def mask_of(row: Tuple) -> Mask:
    """The places whose value was not sent."""
    return tuple([place for place, value in enumerate(row) if value is UNCHANGED]) if UNCHANGED in row else ()


def encode_keyed(
    changes: KeyedChanges, census: Census, width: int, *, spread: bool = False
) -> Iterator[bytes]:
    """COPY's text form of the staged rows, in blocks (PostgreSQL doc: COPY, Text Format).

    With ``spread``, inserted rows too have a key: by it they find their segment.
    """
    numbers = {mask: b"%d" % number for number, mask in enumerate(census.updates)}
    no_key: Iterable[Value] = (None,) * len(changes.key)
    no_image: Iterable[Value] = (None,) * width
    lines = []
    for row in changes.rows():
        if row.image is None:
            lines.append(_line(b"D\t0", row.origin or (), no_image))
        elif row.origin is None:
            key = [row.image[place] for place in changes.key] if spread else no_key
            lines.append(_line(b"I\t0", key, row.image))
        else:
            lines.append(_line(b"U\t" + numbers[mask_of(row.image)], row.origin, row.image))
    return _blocks(lines)


def encode_keyless(changes: KeylessChanges) -> Iterator[bytes]:
    """COPY's text form of the staged rows, in blocks."""
    return _blocks([_line(b"%d" % count, (), row) for row, count in changes.rows()])


def encode_rows(changes: KeyedChanges | KeylessChanges) -> Iterator[bytes]:
    """COPY's text form of the rows themselves, where all of them are new; in blocks."""
    if isinstance(changes, KeyedChanges):
        return _blocks([b"\t".join(map(_field, row.image or ())) for row in changes.rows()])
    return _blocks([b"\t".join(map(_field, row)) for row, count in changes.rows() for _ in range(count)])


def encode_arrays(changes: KeyedChanges, op: str) -> list[bytes]:
    """The text form of arrays with the rows of one operation (PostgreSQL doc: Arrays, Input and Output).

    First each key column's, but for ``I``, then each column's, but for ``D``; none where there are no rows.
    """
    rows: list[Iterable[Value]] = []
    for row in changes.rows():
        if row.image is None:
            if op == "D":
                rows.append(row.origin or ())
        elif row.origin is None:
            if op == "I":
                rows.append(row.image)
        elif op == "U":
            rows.append((*row.origin, *row.image))
    return [b"{%b}" % b",".join(map(_element, column)) for column in zip(*rows, strict=True)]


def _element(value: Value) -> bytes:
    if value is None or value is UNCHANGED:
        return b"NULL"
    return b'"%b"' % value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def _line(head: bytes, key: Iterable[Value], row: Iterable[Value]) -> bytes:
    fields = [head]
    fields.extend(map(_field, key))
    fields.extend(map(_field, row))
    return b"\t".join(fields)


def _field(value: Value) -> bytes:
    if value is None or value is UNCHANGED:
        return _NULL
    return _escape(value) if _SPECIAL(value) else value


def _escape(value: bytes) -> bytes:
    for plain, escaped in _ESCAPES:
        value = value.replace(plain, escaped)
    return value


def _blocks(lines: list[bytes]) -> Iterator[bytes]:
    block: list[bytes] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= _BLOCK:
            yield b"\n".join(block) + b"\n"
            block, size = [], 0
    if block:
        yield b"\n".join(block) + b"\n"
