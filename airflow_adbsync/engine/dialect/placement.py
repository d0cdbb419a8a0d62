"""What CREATE TABLE says of a table's rows after its columns: engine, options, distribution, sort key."""

from __future__ import annotations

from airflow_adbsync.engine.dialect.distribution import distribution_clause
from airflow_adbsync.engine.model import Distribution, Storage, StorageEngine, quote_identifier


def placement_clauses(storage: Storage | None, options: str, distribution: Distribution | None) -> str:
    """The end of CREATE TABLE; ``options`` is its WITH clause, ready, or empty.

    Beam has its own order: USING, DISTRIBUTED, ORDER BY, WITH (AnalyticDB for PostgreSQL doc: Beam usage).
    """
    placed = distribution_clause(distribution)
    if storage is None or storage.engine is StorageEngine.HEAP:
        return _joined(options, placed)
    using = f"USING {storage.engine.value}"
    if storage.engine is StorageEngine.BEAM:
        return _joined(using, placed, _sort_key(storage), options)
    return _joined(using, options, placed)


def _sort_key(storage: Storage) -> str:
    columns = ", ".join(map(quote_identifier, storage.order_by))
    return f"ORDER BY ({columns})" if columns else ""


def _joined(*clauses: str) -> str:
    return "".join(f" {clause.strip()}" for clause in clauses if clause)
