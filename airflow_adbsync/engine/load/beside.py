"""Loading beside rows that are on the target already: of two with the same key the target's stays."""

from __future__ import annotations

import logging
from dataclasses import replace

from airflow_adbsync.engine import state
from airflow_adbsync.engine.config import ExistingRows
from airflow_adbsync.engine.errors import TableNotEmpty
from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.copying import Copy
from airflow_adbsync.engine.load.definition import Both
from airflow_adbsync.engine.load.progress import OnBatch
from airflow_adbsync.engine.load.relay import Relayed
from airflow_adbsync.engine.load.session import Pair
from airflow_adbsync.engine.model import QualifiedName

_LOG = logging.getLogger(__name__)
_STAGE = QualifiedName("pg_temp", "adbsync_beside")


def stays(pair: Pair, sync_id: str, table: QualifiedName) -> bool:
    """Whether the table, by its name on the source, has rows that stay."""
    if pair.existing_rows is not ExistingRows.KEEP:
        return False
    return state.kept_tables.is_kept(pair.target.conn, sync_id, table)


def refuse_reload(pair: Pair, both: Both) -> None:
    """A second load could tell neither stale rows from those that stay, nor bring up to date what it finds.

    Raises:
        TableNotEmpty: always.
    """
    raise TableNotEmpty(
        f"Table {both.target.name} of the target ({pair.target.endpoint}) holds rows that are not the "
        "sync's, and its own beside them: it can't be loaded once more.",
        remedy="Say `load: {existing_rows: replace}` to have the source's rows only, then load it again.",
    )


def copy_beside(pair: Pair, both: Both, on_batch: OnBatch) -> Relayed:
    """Copy all rows into a table of the session's own, and put those in whose key is not there."""
    target = pair.target.conn
    columns = [column.name for column in both.columns]
    target.execute(statements.create_beside(both.target, columns, _STAGE))
    relayed = Copy(pair, replace(both, target=replace(both.target, name=_STAGE))).run(on_batch=on_batch)
    put = target.execute(statements.insert_beside(both.target, columns, _STAGE)).rowcount
    _LOG.info(
        "%s: of %d rows %d were put in; for the others the target has one of the same key, which stays.",
        both.source.name,
        relayed.rows,
        put,
    )
    return relayed
