"""One page of a sync's tables: chosen, sorted and cut on the server, for a sync may have thousands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from airflow_adbsync.engine.connect import AsyncConnection
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state.asking import fetch

_MATCHING = """
    FROM adbsync.relation AS r
    LEFT JOIN adbsync.verification AS v USING (sync_id, schema_name, table_name)
    WHERE r.sync_id = %(sync_id)s
      AND (%(text)s = '' OR position(lower(%(text)s) IN lower(r.schema_name || '.' || r.table_name)) > 0)
"""
_COUNT = f"SELECT count(*) {_MATCHING}"
_PAGE = f"""
    SELECT r.schema_name, r.table_name, r.snapshot IS NOT NULL, r.rows, r.bytes, r.seconds, r.loaded_at,
           r.changed_rows, v.verified_at,
           (v.source_rows, v.source_checksum) = (v.target_rows, v.target_checksum)
    {_MATCHING}
"""
# What is being copied into this database now (PostgreSQL doc: COPY Progress Reporting; since 14).
_COPIES = """
    SELECT n.nspname, c.relname, sum(p.tuples_processed)::bigint, sum(p.bytes_processed)::bigint
    FROM pg_catalog.pg_stat_progress_copy AS p
    JOIN pg_catalog.pg_class AS c ON c.oid = p.relid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE p.datname = current_database() AND p.command = 'COPY FROM' AND c.relpersistence <> 't'
    GROUP BY n.nspname, c.relname
"""
_CHUNKS = """
    SELECT schema_name, table_name, count(*), count(snapshot),
           coalesce(sum(rows), 0)::bigint, coalesce(sum(bytes), 0)::bigint
    FROM adbsync.chunk WHERE sync_id = %(sync_id)s
    GROUP BY schema_name, table_name
"""
_COPY_PROGRESS_SINCE = 140000
_DIFFERS = "(v.source_rows, v.source_checksum) IS DISTINCT FROM (v.target_rows, v.target_checksum)"


class TableFilter(StrEnum):
    """Which tables to show."""

    ALL = "all"
    WAITING = "waiting"
    LOADED = "loaded"
    DIFFERENT = "different"


class TableOrder(StrEnum):
    """In which order; sizes, times and durations with the largest first."""

    NAME = "name"
    ROWS = "rows"
    BYTES = "bytes"
    CHANGES = "changes"
    SECONDS = "seconds"
    LOADED_AT = "loaded_at"


_CONDITIONS = {
    TableFilter.ALL: "",
    TableFilter.WAITING: " AND r.snapshot IS NULL",
    TableFilter.LOADED: " AND r.snapshot IS NOT NULL",
    TableFilter.DIFFERENT: f" AND v.verified_at IS NOT NULL AND {_DIFFERS}",
}
_ORDERS = {
    TableOrder.NAME: "",
    TableOrder.ROWS: "r.rows DESC NULLS LAST, ",
    TableOrder.BYTES: "r.bytes DESC NULLS LAST, ",
    TableOrder.CHANGES: "r.changed_rows DESC, ",
    TableOrder.SECONDS: "r.seconds DESC NULLS LAST, ",
    TableOrder.LOADED_AT: "r.loaded_at DESC NULLS LAST, ",
}


@dataclass(frozen=True, slots=True)
class TableQuestion:
    """Which page of which tables; ``text`` is a part of the name, ``page`` counts from 1."""

    text: str = ""
    which: TableFilter = TableFilter.ALL
    order: TableOrder = TableOrder.NAME
    page: int = 1
    size: int = 50


@dataclass(frozen=True, slots=True)
class TableLine:
    """One table. ``rows`` and ``bytes`` are of its load; while it is being copied (``copying``), so far.

    ``changed_rows`` replication has touched; ``equal`` is None until it has been verified. A large table is
    loaded in ``chunks``.
    """

    name: QualifiedName
    loaded: bool
    rows: int | None
    bytes: int | None
    seconds: float | None
    loaded_at: datetime | None
    changed_rows: int
    verified_at: datetime | None
    equal: bool | None
    copying: bool = False
    chunks: int = 0
    chunks_loaded: int = 0
    conflicts: int = 0


@dataclass(frozen=True, slots=True)
class TablePage:
    """The lines of a page, and how many tables match in all."""

    question: TableQuestion
    matching: int
    lines: tuple[TableLine, ...]

    @property
    def pages(self) -> int:
        """How many pages there are; one at least."""
        return max(1, -(-self.matching // self.question.size))


async def read_tables(conn: AsyncConnection, sync_id: str, question: TableQuestion) -> TablePage:
    """Read one page; a page beyond the last is the last."""
    condition = _CONDITIONS[question.which]
    ((matching,),) = await fetch(conn, _COUNT + condition, sync_id=sync_id, text=question.text)
    last = max(1, -(-matching // question.size))
    shown = replace(question, page=min(max(1, question.page), last))
    order = f" ORDER BY {_ORDERS[shown.order]}r.schema_name, r.table_name LIMIT %(size)s OFFSET %(skip)s"
    rows = await fetch(
        conn,
        _PAGE + condition + order,
        sync_id=sync_id,
        text=shown.text,
        size=shown.size,
        skip=(shown.page - 1) * shown.size,
    )
    lines = [TableLine(QualifiedName(row[0], row[1]), *row[2:]) for row in rows]
    if any(not line.loaded for line in lines):
        lines = await _with_progress(conn, sync_id, lines)
    return TablePage(shown, matching, tuple(lines))


async def _with_progress(conn: AsyncConnection, sync_id: str, lines: list[TableLine]) -> list[TableLine]:
    """What is there so far of the tables that are not loaded: chunks, and what is being copied now."""
    chunks = {QualifiedName(row[0], row[1]): row[2:] for row in await fetch(conn, _CHUNKS, sync_id=sync_id)}
    copies = await _copies(conn)
    return [_with_copy(_with_chunks(line, chunks), copies) for line in lines]


def _with_chunks(line: TableLine, chunks: dict[QualifiedName, tuple[int, ...]]) -> TableLine:
    if line.loaded or line.name not in chunks:
        return line
    every, loaded, rows, size = chunks[line.name]
    return replace(line, rows=rows, bytes=size, chunks=every, chunks_loaded=loaded)


def _with_copy(line: TableLine, copies: dict[QualifiedName, tuple[int, int]]) -> TableLine:
    if line.loaded or line.name not in copies:
        return line
    rows, size = copies[line.name]
    so_far = (line.rows or 0) + rows, (line.bytes or 0) + size
    return replace(line, rows=so_far[0], bytes=so_far[1], loaded_at=None, copying=True)


async def _copies(conn: AsyncConnection) -> dict[QualifiedName, tuple[int, int]]:
    if conn.info.server_version < _COPY_PROGRESS_SINCE:
        return {}
    return {QualifiedName(row[0], row[1]): (row[2], row[3]) for row in await fetch(conn, _COPIES)}
