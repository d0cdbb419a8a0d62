"""Bringing a staging table into line with what the target holds, where that may differ. Pure.

After it every staged update and delete has its row, and no staged insert or moved row finds one in its
place, so that the strict statements of `Staging` can follow.
"""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.replication.encoding import Mask
from airflow_adbsync.engine.replication.manner import Existing, Manner, Missing
from airflow_adbsync.engine.replication.staging import Staging


def reconcile(staging: Staging, masks: tuple[Mask, ...], manner: Manner) -> Iterator[str]:
    """Yield the statements, in order; each row that one touches was not as the stream takes it for granted.

    ``masks`` are the staged rows' by their numbers.
    """
    yield (f"DELETE FROM {staging.stage} AS s WHERE s.op = 'D' AND {_lacks_row(staging)}")
    whole = masks.index(())
    if manner.missing is Missing.INSERT:
        yield (
            f"UPDATE {staging.stage} AS s SET op = 'I' "
            f"WHERE s.op = 'U' AND s.mask = {whole} AND {_lacks_row(staging)}"
        )
    if manner.missing is Missing.SKIP or manner.partial is Missing.SKIP:
        yield (f"DELETE FROM {staging.stage} AS s WHERE s.op = 'U' AND {_lacks_row(staging)}")
    if manner.existing is Existing.SKIP:
        yield (f"DELETE FROM {staging.stage} AS s WHERE {_arrives_at_row(staging)}")
    if manner.existing is Existing.REPLACE:
        keys = [f"k{i}" for i in range(len(staging.key))]
        arriving = [f"s.c{place}" for place in staging.key]
        yield (
            f"INSERT INTO {staging.stage} (op, mask, {', '.join(keys)}) "
            f"SELECT 'D', {whole}, {', '.join(arriving)} FROM {staging.stage} AS s "
            f"WHERE {_arrives_at_row(staging)}"
        )


def count_staged(staging: Staging) -> str:
    """Count what is staged now, by operation and mask."""
    return f"SELECT op::text, mask, count(*) FROM {staging.stage} GROUP BY 1, 2"


def _lacks_row(staging: Staging) -> str:
    return f"NOT EXISTS (SELECT FROM {staging.table} AS t WHERE {staging.match})"


def _arrives_at_row(staging: Staging) -> str:
    """The place of a new or moved row is taken, and no staged row leaves it."""
    here = " AND ".join(f"t.{name} = s.c{place}" for name, place in staging.key_columns)
    leaves = " AND ".join(f"l.k{i} = s.c{place}" for i, place in enumerate(staging.key))
    moves = " OR ".join(f"s.c{place} IS DISTINCT FROM s.k{i}" for i, place in enumerate(staging.key))
    return (
        f"(s.op = 'I' OR s.op = 'U' AND ({moves})) "
        f"AND EXISTS (SELECT FROM {staging.table} AS t WHERE {here}) "
        f"AND NOT EXISTS (SELECT FROM {staging.stage} AS l WHERE l.op IN ('D', 'U') AND {leaves})"
    )
