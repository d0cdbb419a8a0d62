"""The reading half of a relay, at the end of what it reads."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_adbsync.engine.load import copy_out
from airflow_adbsync.engine.load.copy_out import BATCH, CopyOut


def reader(monkeypatch: pytest.MonkeyPatch, *answers: tuple[int, list[bytes]]) -> CopyOut:
    """A running COPY that gathers these; libpq refuses to be asked after the end."""
    following: Iterator[tuple[int, list[bytes]]] = iter(answers)

    def gather(_: Any) -> tuple[int, int, list[bytes]]:
        said, parts = next(following)
        return len(parts), said, parts

    monkeypatch.setattr(copy_out, "gatherer", lambda size: gather)
    monkeypatch.setattr(copy_out, "next_result", lambda pgconn: None)
    monkeypatch.setattr(copy_out, "last_result", lambda pgconn, first: None)
    monkeypatch.setattr(copy_out, "rows_of", lambda result: 3)
    session: Any = SimpleNamespace(conn=SimpleNamespace(pgconn=None), endpoint=None)
    out = CopyOut(session, "reading")
    out.running = True
    return out


@pytest.mark.parametrize("size", [1, BATCH - 1, BATCH, BATCH + 1])
def test_the_end_may_come_with_the_last_rows(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    out = reader(monkeypatch, (-1, [b"x" * size]))
    assert sum(map(len, out.read())) == size
    assert (out.running, out.rows) == (False, 3)
    assert out.read() == []


def test_a_batch_is_handed_on_before_the_end_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    out = reader(monkeypatch, (1, [b"x" * BATCH]), (0, [b"y"]), (-1, []))
    assert [len(out.read()[0]), len(out.read())] == [BATCH, 0]
    assert out.running
    assert out.read() == [b"y"]
    assert not out.running
