"""pgoutput's messages, written from the protocol's description and knowing nothing of the decoder.

PostgreSQL doc: Logical Replication Message Formats; protocol version 1. Values are sent as text, or, where
``binary`` is asked for, in binary form.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from functools import singledispatch

from airflow_adbsync.engine.replication.messages import (
    UNCHANGED,
    Begin,
    Commit,
    Delete,
    Ignored,
    Insert,
    RelationMessage,
    Truncate,
    Tuple,
    TypeMessage,
    Update,
)

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@singledispatch
def encode(message: object, *, old_is_whole: bool = False, binary: bool = False) -> bytes:
    """The message's bytes; ``old_is_whole`` sends old tuples as REPLICA IDENTITY FULL does."""
    raise TypeError(message)


@encode.register
def _(message: Begin, *, old_is_whole: bool = False, binary: bool = False) -> bytes:
    return b"B" + struct.pack(">QqI", message.final_lsn, _microseconds(message.commit_time), message.xid)


@encode.register
def _(message: Commit, *, old_is_whole: bool = False, binary: bool = False) -> bytes:
    moment = _microseconds(message.commit_time)
    return b"C\0" + struct.pack(">QQq", message.commit_lsn, message.end_lsn, moment)


@encode.register
def _(message: RelationMessage, *, old_is_whole: bool = False, binary: bool = False) -> bytes:
    parts = [b"R", struct.pack(">I", message.oid), _schema(message.name.schema), _string(message.name.name)]
    parts += [message.replica_identity.value.encode(), struct.pack(">H", len(message.columns))]
    for column in message.columns:
        parts += [bytes([column.part_of_key]), _string(column.name)]
        parts.append(struct.pack(">Ii", column.type_oid, column.type_modifier))
    return b"".join(parts)


@encode.register
def _(message: TypeMessage, *, old_is_whole: bool = False, binary: bool = False) -> bytes:
    return b"Y" + struct.pack(">I", message.oid) + _schema(message.name.schema) + _string(message.name.name)


@encode.register
def _(message: Insert, *, old_is_whole: bool = False, binary: bool = False) -> bytes:
    return b"I" + struct.pack(">I", message.relation) + b"N" + _tuple(message.new, binary)


@encode.register
def _(message: Update, *, old_is_whole: bool = False, binary: bool = False) -> bytes:
    old = b"" if message.old is None else _old(message.old, old_is_whole, binary)
    return b"U" + struct.pack(">I", message.relation) + old + b"N" + _tuple(message.new, binary)


@encode.register
def _(message: Delete, *, old_is_whole: bool = False, binary: bool = False) -> bytes:
    return b"D" + struct.pack(">I", message.relation) + _old(message.old, old_is_whole, binary)


@encode.register
def _(message: Truncate, *, old_is_whole: bool = False, binary: bool = False) -> bytes:
    options = message.cascade | message.restart_identity << 1
    oids = struct.pack(f">{len(message.relations)}I", *message.relations)
    return b"T" + struct.pack(">IB", len(message.relations), options) + oids


@encode.register
def _(message: Ignored, *, old_is_whole: bool = False, binary: bool = False) -> bytes:
    if message.kind == "origin":
        return b"O" + struct.pack(">Q", 77) + _string("somewhere")
    return b"M\0" + struct.pack(">Q", 77) + _string("prefix") + struct.pack(">I", 2) + b"hi"


def _old(values: Tuple, whole: bool, binary: bool) -> bytes:
    return (b"O" if whole else b"K") + _tuple(values, binary)


def _tuple(values: Tuple, binary: bool) -> bytes:
    parts = [struct.pack(">H", len(values))]
    for value in values:
        if value is None:
            parts.append(b"n")
        elif value is UNCHANGED:
            parts.append(b"u")
        else:
            parts.append((b"b" if binary else b"t") + struct.pack(">I", len(value)) + value)
    return b"".join(parts)


def _schema(name: str) -> bytes:
    return _string("" if name == "pg_catalog" else name)


def _string(text: str) -> bytes:
    return text.encode() + b"\0"


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
