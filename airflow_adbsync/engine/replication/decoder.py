"""pgoutput's bytes to messages: pure, and indifferent to where the bytes come from.

Protocol version 1, which every server from PostgreSQL 10 on speaks; values in text or, from 14 on, in binary
(PostgreSQL doc: Logical Replication Message Formats).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from airflow_adbsync.engine.errors import ProtocolViolation, TextNeeded
from airflow_adbsync.engine.model import Lsn, QualifiedName, ReplicaIdentity
from airflow_adbsync.engine.replication.messages import (
    UNCHANGED,
    Begin,
    Commit,
    Delete,
    Ignored,
    Insert,
    Message,
    RelationColumn,
    RelationMessage,
    Truncate,
    Tuple,
    TypeMessage,
    Update,
)

_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_int16 = struct.Struct("!H").unpack_from
_int32 = struct.Struct("!I").unpack_from
_begin = struct.Struct("!QqI").unpack_from
_commit = struct.Struct("!BQQq").unpack_from
_truncate = struct.Struct("!IB").unpack_from
_column_type = struct.Struct("!Ii").unpack_from

_NULL, _UNCHANGED, _TEXT, _BINARY = b"nutb"
_NEW, _KEY, _OLD = b"NKO"


def decode(data: bytes, at: int = 0, *, binary: bool = False) -> Message:
    """Decode the message that starts at an offset, with its values in one form.

    Raises:
        ProtocolViolation: the bytes are no message that the protocol knows.
        TextNeeded: a value is not binary, as it should be: its type has no such form.
    """
    try:
        change = _CHANGES.get(data[at])
        if change is not None:
            return change(data, at + 1, _BINARY if binary else _TEXT)
        return _DECODERS[data[at]](data, at + 1)
    except KeyError:
        raise ProtocolViolation(
            f"The source sent a message of the unknown kind {data[at : at + 1]!r}."
        ) from None
    except (IndexError, ValueError, OverflowError, struct.error) as error:
        kind = data[at : at + 1]
        raise ProtocolViolation(f"The source sent a malformed message of kind {kind!r}: {error}.") from error


def timestamp(microseconds: int) -> datetime:
    """Turn the wire's microseconds since 2000-01-01 into a moment."""
    return _POSTGRES_EPOCH + timedelta(microseconds=microseconds)


def text_needed(table: object) -> TextNeeded:
    """The error for values that have no binary form, or none that the target would read alike."""
    return TextNeeded(f"{table} has a column of a type that can't be carried in binary form.")


def _decode_insert(data: bytes, at: int, form: int) -> Insert:
    (relation,) = _int32(data, at)
    _expect(data, at + 4, _NEW)
    return Insert(relation, _decode_tuple(data, at + 5, form)[0])


def _decode_update(data: bytes, at: int, form: int) -> Update:
    (relation,) = _int32(data, at)
    at += 4
    old = None
    if data[at] in (_KEY, _OLD):
        old, at = _decode_tuple(data, at + 1, form)
    _expect(data, at, _NEW)
    return Update(relation, old, _decode_tuple(data, at + 1, form)[0])


def _decode_delete(data: bytes, at: int, form: int) -> Delete:
    (relation,) = _int32(data, at)
    if data[at + 4] not in (_KEY, _OLD):
        raise ValueError("a delete without the old tuple")
    return Delete(relation, _decode_tuple(data, at + 5, form)[0])


def _decode_tuple(data: bytes, at: int, form: int) -> tuple[Tuple, int]:
    (count,) = _int16(data, at)
    at += 2
    values: Tuple = []
    append = values.append
    for _ in range(count):
        kind = data[at]
        if kind == form:
            (length,) = _int32(data, at + 1)
            at += 5
            end = at + length
            if end > len(data):
                raise ValueError("a value runs past the end")
            append(data[at:end])
            at = end
        elif kind == _NULL:
            append(None)
            at += 1
        elif kind == _UNCHANGED:
            append(UNCHANGED)
            at += 1
        elif kind == _TEXT:
            raise text_needed("A table")
        else:
            raise ValueError(f"a value of the unknown kind {data[at : at + 1]!r}")
    return values, at


def _decode_begin(data: bytes, at: int) -> Begin:
    final_lsn, commit_time, xid = _begin(data, at)
    return Begin(Lsn(final_lsn), timestamp(commit_time), xid)


def _decode_commit(data: bytes, at: int) -> Commit:
    _flags, commit_lsn, end_lsn, commit_time = _commit(data, at)
    return Commit(Lsn(commit_lsn), Lsn(end_lsn), timestamp(commit_time))


def _decode_relation(data: bytes, at: int) -> RelationMessage:
    (oid,) = _int32(data, at)
    schema, at = _decode_string(data, at + 4)
    name, at = _decode_string(data, at)
    identity = ReplicaIdentity(chr(data[at]))
    (count,) = _int16(data, at + 1)
    at += 3
    columns = []
    for _ in range(count):
        part_of_key = bool(data[at] & 1)
        column, at = _decode_string(data, at + 1)
        type_oid, modifier = _column_type(data, at)
        at += 8
        columns.append(RelationColumn(column, type_oid, modifier, part_of_key))
    return RelationMessage(oid, QualifiedName(schema or "pg_catalog", name), identity, tuple(columns))


def _decode_type(data: bytes, at: int) -> TypeMessage:
    (oid,) = _int32(data, at)
    schema, at = _decode_string(data, at + 4)
    name, _ = _decode_string(data, at)
    return TypeMessage(oid, QualifiedName(schema or "pg_catalog", name))


def _decode_truncate(data: bytes, at: int) -> Truncate:
    count, options = _truncate(data, at)
    relations = struct.unpack_from(f"!{count}I", data, at + 5)
    return Truncate(relations, cascade=bool(options & 1), restart_identity=bool(options & 2))


def _decode_string(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(0, at)
    return data[at:end].decode(), end + 1


def _expect(data: bytes, at: int, kind: int) -> None:
    if data[at] != kind:
        raise ValueError(f"expected {chr(kind)!r}, found {data[at : at + 1]!r}")


_CHANGES: dict[int, Callable[[bytes, int, int], Message]] = {
    ord("I"): _decode_insert,
    ord("U"): _decode_update,
    ord("D"): _decode_delete,
}
_DECODERS: dict[int, Callable[[bytes, int], Message]] = {
    ord("B"): _decode_begin,
    ord("C"): _decode_commit,
    ord("R"): _decode_relation,
    ord("Y"): _decode_type,
    ord("T"): _decode_truncate,
    ord("O"): lambda _data, _at: Ignored("origin"),
    ord("M"): lambda _data, _at: Ignored("message"),
}
