"""The log sequence number: read, written, compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.model import Lsn


@given(st.integers(0, 2**64 - 1))
def test_its_text_is_read_back(number: int) -> None:
    assert Lsn.parse(str(Lsn(number))) == number


def test_it_is_written_as_postgresql_writes_it() -> None:
    assert str(Lsn(0x16_B374D848)) == "16/B374D848"
    assert str(Lsn(0)) == "0/0"
    assert f"{Lsn(255)}" == "0/FF"
    assert repr(Lsn(255)) == "Lsn('0/FF')"
    assert Lsn.parse(" ffffffff/ffffffff ") == 2**64 - 1


def test_it_compares_and_subtracts_as_a_number() -> None:
    earlier, later = Lsn.parse("0/FFFFFFFF"), Lsn.parse("1/0")
    assert earlier < later
    assert later - earlier == 1
    assert max(earlier, later) is later


@pytest.mark.parametrize("text", ["", "16", "16/", "/16", "g/0", "0/123456789", "0/0 0", "0x1/0"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an LSN"):
        Lsn.parse(text)
