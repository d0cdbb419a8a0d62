"""Incremental replication, station by station.

receiver > batch (folding: decoder, net_change, encoding) > target_session > table_writer (staging);
applier drives them. `_hot` is `folding` compiled.
"""

from airflow_adbsync.engine.replication.applier import apply
from airflow_adbsync.engine.replication.lag import LagReader
from airflow_adbsync.engine.replication.position import Goal
from airflow_adbsync.engine.replication.stop import current_position, request_stop, withdraw_stop
from airflow_adbsync.engine.replication.until import (
    AtLsn,
    AtTime,
    CaughtUp,
    Stopped,
    Switched,
    Until,
    parse_until,
    until_from_json,
    until_to_json,
)

__all__ = [
    "AtLsn",
    "AtTime",
    "CaughtUp",
    "Goal",
    "LagReader",
    "Stopped",
    "Switched",
    "Until",
    "apply",
    "current_position",
    "parse_until",
    "request_stop",
    "until_from_json",
    "until_to_json",
    "withdraw_stop",
]
