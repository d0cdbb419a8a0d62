"""Taking back what an activation has switched on: an aborted cut-over leaves the target as it was."""

from __future__ import annotations

import re
from datetime import datetime

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.sync import Sync

_ENABLE = re.compile(r" ENABLE(?: REPLICA| ALWAYS)? (TRIGGER|RULE) (?=\"(?:[^\"]|\"\")*\"$)")
_FORCE = " FORCE ROW LEVEL SECURITY"


def opposite(activation: str) -> str | None:
    """The statement that undoes one that switches on what had been made disabled; None for any other."""
    if activation.endswith(_FORCE):
        return activation.removesuffix(_FORCE) + " NO" + _FORCE
    disabled, found = _ENABLE.subn(r" DISABLE \1 ", activation)
    return disabled if found else None


def deactivate(sync: Sync, since: datetime) -> int:
    """Undo the activations that have run since a moment of the target's clock; return how many there were.

    Safe to run again; an activation that is run later does its work anew.
    """
    with connect(sync.target) as target, typed_errors(sync.target, "undoing the activation"):
        activations = state.statements.activations_since(target, sync.sync_id, since)
        undone = 0
        for name, statement in activations.items():
            undo = opposite(statement)
            if undo is None:
                continue
            target.execute(undo.encode())
            state.statements.forget(target, sync.sync_id, name)
            undone += 1
    return undone
