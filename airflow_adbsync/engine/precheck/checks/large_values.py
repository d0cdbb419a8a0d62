"""No value is larger than 256 MB, as far as statistics can tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.model import Finding, QualifiedName
from airflow_adbsync.engine.precheck.amounts import size
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted, listed

NAME = "large_values"
LIMIT = 256 << 20
# Values that are this large on average have some among them that are much larger.
_SUSPECT = 32 << 20


def assess(averages: Sequence[tuple[QualifiedName, int]]) -> Finding:
    """``averages``: bytes in the TOAST table for each row, where that table is above the limit."""
    suspects = [f"{name} ({size(average)} a row)" for name, average in averages if average >= _SUSPECT]
    if not suspects:
        found = f"Nothing hints at values above {size(LIMIT)}."
        if averages:
            found += (
                f" {counted(len(averages), 'table')} could hold one: {listed(name for name, _ in averages)}."
            )
        return passed(NAME, found, subject="source")
    return alert(
        NAME,
        f"Values above {size(LIMIT)} are likely in {listed(suspects)}: a row that needs more than 1 GB on "
        "the wire can't be sent at all, and bytea counts double there.",
        "Look for them with max(octet_length(column)); keep such rows out by `tables: {name: {where: ...}}`.",
        subject="source",
    )


def _look(context: Context) -> Iterator[Finding]:
    rows = context.source.rows("large_values", oids=context.oids, limit=LIMIT)
    yield assess([(QualifiedName(schema, name), average) for schema, name, average in rows])


CHECK = Check(NAME, _look)
