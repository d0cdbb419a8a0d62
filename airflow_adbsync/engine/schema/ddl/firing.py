"""CREATE TRIGGER and CREATE RULE, and whether they fire.

Changes that replication brings have fired the source's triggers already: a trigger that fires on the target
as well would do its work twice. So they are made disabled, and get the source's state at the cut-over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.config import TriggerMode
from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.schema.ddl.text import called
from airflow_adbsync.engine.schema.definitions import FiringDefinition
from airflow_adbsync.engine.schema.kind import Kind
from airflow_adbsync.engine.schema.statement import Draft, Section

_ENABLED = "O"
_SWITCHES = {"O": "ENABLE", "D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}
_SECTIONS = {Kind.TRIGGER: Section.TRIGGER, Kind.RULE: Section.RULE}


def firing_drafts(firing: Iterable[FiringDefinition], mode: TriggerMode) -> Iterator[Draft]:
    """Each in one statement with its state, so that it never fires in between.

    What is on a view can't be disabled; it fires only when somebody writes to the view.
    """
    for item in firing:
        state = item.enabled if mode is TriggerMode.ENABLED else "D"
        sql = item.sql
        if item.switchable and state != _ENABLED:
            sql = f"{sql};\n{_switch(item, state)}"
        yield Draft(called(item.label), _SECTIONS[item.kind], sql, frozenset({item.object}))
        if item.switchable and state != item.enabled:
            yield Draft(
                called(f"activation of {item.label}"),
                Section.ACTIVATION,
                _switch(item, item.enabled),
                needs=frozenset({item.object}),
            )


def _switch(item: FiringDefinition, state: str) -> str:
    what = f"{item.kind.upper()} {quote_identifier(item.name)}"
    return f"ALTER TABLE {item.table.sql} {_SWITCHES[state]} {what}"
