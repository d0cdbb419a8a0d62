"""Decoding pgoutput: every kind of message, and no harm from bytes that are none."""

from __future__ import annotations

import contextlib
import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.errors import ProtocolViolation, TextNeeded
from airflow_adbsync.engine.model import Lsn, QualifiedName, ReplicaIdentity
from airflow_adbsync.engine.replication.decoder import decode, timestamp
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
    TypeMessage,
    Update,
)
from tests.unit.pgoutput_encoder import encode

oids = st.integers(0, 2**32 - 1)
lsns = st.integers(0, 2**64 - 1).map(Lsn)
moments = st.integers(-(2**50), 2**52).map(timestamp)
letters = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
identifiers = st.text(letters, min_size=1, max_size=20)
names = st.builds(QualifiedName, identifiers, identifiers)
values = st.one_of(st.none(), st.just(UNCHANGED), st.binary(max_size=40))
tuples = st.lists(values, max_size=8)
columns = st.builds(RelationColumn, identifiers, oids, st.integers(-1, 2**31 - 1), st.booleans())
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(Begin, lsns, moments, oids),
    st.builds(Commit, lsns, lsns, moments),
    st.builds(
        RelationMessage,
        oids,
        names,
        st.sampled_from(ReplicaIdentity),
        st.lists(columns, max_size=5).map(tuple),
    ),
    st.builds(TypeMessage, oids, names),
    st.builds(Insert, oids, tuples),
    st.builds(Update, oids, st.none() | tuples, tuples),
    st.builds(Delete, oids, tuples),
    st.builds(Truncate, st.lists(oids, max_size=5).map(tuple), st.booleans(), st.booleans()),
    st.builds(Ignored, st.sampled_from(["origin", "message"])),
)


@given(message=messages, whole=st.booleans(), before=st.binary(max_size=30), binary=st.booleans())
def test_every_message_comes_back(message: Message, whole: bool, before: bytes, binary: bool) -> None:
    data = before + encode(message, old_is_whole=whole, binary=binary)
    assert decode(data, len(before), binary=binary) == message


def test_the_documented_bytes_of_an_update() -> None:
    data = b"U\0\0\x40\x01K\0\x02t\0\0\0\x011nN\0\x03t\0\0\0\x012nu"
    assert decode(data) == Update(0x4001, [b"1", None], [b"2", None, UNCHANGED])


def test_times_count_from_the_year_2000() -> None:
    begin = decode(b"B" + struct.pack(">QqI", 0x16B374D848, 86_400_000_001, 7))
    assert begin == Begin(Lsn.parse("16/B374D848"), datetime(2000, 1, 2, 0, 0, 0, 1, tzinfo=UTC), 7)


def test_an_unnamed_schema_is_pg_catalog() -> None:
    assert decode(b"Y\0\0\0\x17\0int4\0") == TypeMessage(23, QualifiedName("pg_catalog", "int4"))


@given(message=messages.filter(lambda each: not isinstance(each, Ignored)), data=st.data())
def test_a_message_cut_short_is_refused(message: Message, data: st.DataObject) -> None:
    whole = encode(message)
    with pytest.raises(ProtocolViolation):
        decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(message=messages, data=st.data())
def test_garbled_bytes_decode_or_are_refused(message: Message, data: st.DataObject) -> None:
    garbled = bytearray(encode(message))
    for place in data.draw(st.lists(st.integers(0, len(garbled) - 1), min_size=1, max_size=5)):
        garbled[place] = data.draw(st.integers(0, 255))
    _decode_or_refuse(bytes(garbled))


@given(kind=st.sampled_from(list(b"BCRYIUDTOM")), rest=st.binary(max_size=200))
def test_noise_decodes_or_is_refused(kind: int, rest: bytes) -> None:
    _decode_or_refuse(bytes([kind]) + rest)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "malformed"),
        (b"Z", "unknown kind b'Z'"),
        (b"B" + struct.pack(">QqI", 1, 2**63 - 1, 1), "kind b'B'"),
        (b"I\0\0\0\1O\0\0", "expected 'N'"),
        (b"D\0\0\0\1N\0\0", "without the old tuple"),
        (b"I\0\0\0\1N\0\1b\0\0\0\x01x", "unknown kind b'b'"),
        (b"I\0\0\0\1N\0\1t\xff\xff\xff\xffx", "past the end"),
        (b"R\0\0\0\1public\0t\0x\0\0", "kind b'R'"),
        (b"Y\0\0\0\1\xff\0t\0", "kind b'Y'"),
        (b"T\xff\xff\xff\xff\0", "kind b'T'"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, said: str) -> None:
    with pytest.raises(ProtocolViolation, match=said):
        decode(data)


def test_a_text_among_binary_values_says_that_text_is_needed() -> None:
    with pytest.raises(TextNeeded):
        decode(b"I\0\0\0\1N\0\2b\0\0\0\x01xt\0\0\0\x01y", binary=True)


def _decode_or_refuse(data: bytes) -> None:
    for binary in (False, True):
        with contextlib.suppress(ProtocolViolation, TextNeeded):
            assert decode(data, binary=binary) is not None
