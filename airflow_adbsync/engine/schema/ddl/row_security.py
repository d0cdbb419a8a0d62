"""Row security of tables; the policies themselves are written out by their query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.schema.definitions import TableDefinition
from airflow_adbsync.engine.schema.identity import relation
from airflow_adbsync.engine.schema.statement import Draft, Section


def row_security_drafts(tables: Iterable[TableDefinition], *, forced_now: bool) -> Iterator[Draft]:
    """ENABLE, and FORCE: at the cut-over, unless the target's account passes row security anyhow."""
    for table in tables:
        needs = frozenset({relation(table.oid)})
        alter = f"ALTER TABLE ONLY {table.name.sql}"
        if table.row_security:
            sql = f"{alter} ENABLE ROW LEVEL SECURITY"
            yield Draft(f"row security of {table.name}", Section.ROW_SECURITY, sql, needs=needs)
        if table.force_row_security:
            section = Section.ROW_SECURITY if forced_now else Section.ACTIVATION
            sql = f"{alter} FORCE ROW LEVEL SECURITY"
            yield Draft(f"forced row security of {table.name}", section, sql, needs=needs)
