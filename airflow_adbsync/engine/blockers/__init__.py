"""Who is in the way: sessions that hold a lock, or a transaction that others wait for."""

from airflow_adbsync.engine.blockers.sessions import Session, describe, lock_holders, open_transactions
from airflow_adbsync.engine.blockers.waiting import END_THEM, announce_slow, wait_for_open_transactions

__all__ = [
    "END_THEM",
    "Session",
    "announce_slow",
    "describe",
    "lock_holders",
    "open_transactions",
    "wait_for_open_transactions",
]
