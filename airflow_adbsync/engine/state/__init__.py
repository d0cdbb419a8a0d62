"""The control schema ``adbsync`` on the target: what every sync is, has done, and how far it has got.

Each module is one table's face. Functions take an open connection and never commit: the caller's
transaction decides, so that state and the data that it stands for are written together.
"""

from airflow_adbsync.engine.state import (
    findings,
    identities,
    lag,
    ownership,
    phases,
    progress,
    relations,
    statements,
    syncs,
    verifications,
)
from airflow_adbsync.engine.state.control_schema import VERSION, ensure, is_present

__all__ = [
    "VERSION",
    "ensure",
    "findings",
    "identities",
    "is_present",
    "lag",
    "ownership",
    "phases",
    "progress",
    "relations",
    "statements",
    "syncs",
    "verifications",
]
