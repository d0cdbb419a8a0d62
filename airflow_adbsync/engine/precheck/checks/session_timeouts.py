"""No time limit of the server ends the sync's sessions (PostgreSQL doc: Statement Behavior)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from airflow_adbsync.engine.model import Finding, quote_identifier
from airflow_adbsync.engine.precheck.amounts import time
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.setting import Setting

NAME = "session_timeouts"
# The sync's sessions lift these for themselves.
_LIFTED = ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")
_SHORT = 300.0


def assess(side: str, user: str, settings: Mapping[str, Setting]) -> Finding:
    """Zero means no limit."""
    limits = {name: settings[name].amount for name in (*_LIFTED, "idle_session_timeout") if name in settings}
    idle = limits.get("idle_session_timeout", 0)
    if 0 < idle < _SHORT:
        return alert(
            NAME,
            f"idle_session_timeout is {time(idle)}: sessions that wait for the other side are ended.",
            f"ALTER ROLE {quote_identifier(user)} SET idle_session_timeout = 0;",
            subject=side,
        )
    lifted = [f"{name} {time(limits[name])}" for name in _LIFTED if limits.get(name)]
    words = f"Lifted where it matters: {', '.join(lifted)}." if lifted else "There are none."
    return passed(NAME, words, subject=side)


def _look(context: Context) -> Iterator[Finding]:
    for side in (context.source, context.target):
        yield assess(side.name, side.endpoint.user, side.settings)


CHECK = Check(NAME, _look)
