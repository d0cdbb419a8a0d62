"""Taking rows out of libpq: the compiled way and the one in Python hand over the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from psycopg.pq.abc import PGconn

from airflow_adbsync.engine.load import gathering
from airflow_adbsync.engine.load.waiting import READ, begin_copy, last_result, next_result, wait
from tests.databases import Database

MOST = 64 << 10
# Short rows, and some that are longer than what is taken at a time.
COPY = """
    COPY (SELECT n, repeat(chr(97 + n % 26), CASE WHEN n % 500 = 7 THEN 60000 + n * 7 ELSE n % 90 END)
          FROM generate_series(1, 5000) n) TO STDOUT
"""


def taken(database: Database, gather: gathering.Gather) -> tuple[int, list[int], bytes]:
    """All rows' number, the parts' sizes, and what they make together."""
    rows, parts, said = 0, [], 1
    with database.connect() as conn:
        pgconn: PGconn = conn.pgconn
        begin_copy(pgconn, COPY)
        while said >= 0:
            some, said, more = gather(pgconn)
            rows += some
            parts += more
            if said == 0:
                wait({pgconn.socket: READ})
                pgconn.consume_input()
        last_result(pgconn, next_result(pgconn))
    return rows, [len(part) for part in parts], b"".join(parts)


def ways() -> dict[str, Callable[[int], gathering.Gather]]:
    return {
        "compiled": gathering.gatherer,
        "python": lambda most: lambda pgconn: gathering.pure_gather(pgconn, most),
    }


@pytest.mark.parametrize("way", ["compiled", "python"])
def test_every_row_is_handed_over_once_and_in_its_order(way: str, source_db: Database) -> None:
    if way == "compiled" and gathering._libpq() is None:
        pytest.skip("needs the compiled module: python -m airflow_adbsync.engine.build_hot")
    rows, sizes, all_ = taken(source_db, ways()[way](MOST))
    expected = source_db.fetch(COPY.strip().removeprefix("COPY (").removesuffix(") TO STDOUT"))
    assert rows == len(expected) == 5000
    assert all_ == b"".join(f"{n}\t{text}\n".encode() for n, text in expected)
    if way == "compiled":
        # Short rows come together.
        assert len(sizes) < 1000


def test_without_the_compiled_module_python_does_it(
    source_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_libpq", lambda: None)
    assert taken(source_db, gathering.gatherer(MOST))[0] == 5000
