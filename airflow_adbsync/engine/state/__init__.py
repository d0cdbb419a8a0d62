"""The control schema ``adbsync`` on the target: what every sync is, has done, and how far it has got.

Each module is one table's face. Functions take an open connection and never commit: the caller's
transaction decides, so that state and the data that it stands for are written together.
"""

from airflow_adbsync.engine.state import (
    actions,
    alerts,
    announcements,
    builds,
    chunks,
    failures,
    fences,
    findings,
    identities,
    kept_tables,
    lag,
    ownership,
    phases,
    progress,
    relations,
    statements,
    syncs,
    throttles,
    verification_objects,
    verification_portions,
    verifications,
)
from airflow_adbsync.engine.state.control_schema import VERSION, ensure, is_present
from airflow_adbsync.engine.state.lag_series import LagPoint, read_lag
from airflow_adbsync.engine.state.overview import Overview, read_overview, read_verifications
from airflow_adbsync.engine.state.table_page import (
    TableFilter,
    TableLine,
    TableOrder,
    TablePage,
    TableQuestion,
    read_tables,
)

__all__ = [
    "VERSION",
    "LagPoint",
    "Overview",
    "TableFilter",
    "TableLine",
    "TableOrder",
    "TablePage",
    "TableQuestion",
    "actions",
    "alerts",
    "announcements",
    "builds",
    "chunks",
    "ensure",
    "failures",
    "fences",
    "findings",
    "identities",
    "is_present",
    "kept_tables",
    "lag",
    "ownership",
    "phases",
    "progress",
    "read_lag",
    "read_overview",
    "read_tables",
    "read_verifications",
    "relations",
    "statements",
    "syncs",
    "throttles",
    "verification_objects",
    "verification_portions",
    "verifications",
]
