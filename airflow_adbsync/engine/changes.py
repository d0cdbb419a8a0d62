"""What becomes of a sync when it is started again with another configuration: said first, then done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import read_relations
from airflow_adbsync.engine.config import SyncConfig, TableOptions
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.shape import Shapes
from airflow_adbsync.engine.sync import Sync

_ROWS = ("where", "only", "columns", "extra")
_DEFINITION = ("name", "primary_key")
_TABLES = ("sync_id", "source", "target", "objects", "names", "tables")


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """``reload`` says for each table whose rows are carried otherwise what has changed.

    ``options`` names other parts of the configuration that have changed; they count from now on.
    """

    added: tuple[QualifiedName, ...] = ()
    removed: tuple[QualifiedName, ...] = ()
    reload: tuple[tuple[QualifiedName, str], ...] = ()
    options: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether all is as it was."""
        return not (self.added or self.removed or self.reload or self.options)

    def __str__(self) -> str:
        lines = [f"+ {name}: is added: schema, load, then its changes" for name in self.added]
        lines += [f"- {name}: leaves the sync; its rows stay on the target" for name in self.removed]
        lines += [f"~ {name}: {what} changed: a reload is needed" for name, what in self.reload]
        lines += [f"~ {name}: changed" for name in self.options]
        return "\n".join(lines) or "nothing changes"


def changes(sync: Sync) -> ChangePlan:
    """Compare the configuration with the one that the target holds; nothing is changed.

    A sync that was never started has no changes.

    Raises:
        ConfigError: the selected tables can't be read.
    """
    with connect(sync.target) as target, typed_errors(sync.target, "reading the sync"):
        if not state.is_present(target):
            return ChangePlan()
        before = state.syncs.find_config(target, sync.sync_id)
        listed = tuple(state.relations.read(target, sync.sync_id))
    with connect(sync.source, autocommit=True) as source, typed_errors(sync.source, "reading the tables"):
        names = [relation.name for relation in read_relations(source, sync.config.objects)]
    return compare(before, sync.config, listed, names) if before else ChangePlan()


def compare(
    before: SyncConfig, now: SyncConfig, listed: Collection[QualifiedName], names: Collection[QualifiedName]
) -> ChangePlan:
    """Tell what is to be done from two configurations and the tables of each; pure."""
    stay = sorted(set(listed) & set(names))
    reload = [(name, what) for name in stay if (what := _difference(before, now, name))]
    options = [
        field.alias or name
        for name, field in SyncConfig.model_fields.items()
        if name not in _TABLES and getattr(before, name) != getattr(now, name)
    ]
    return ChangePlan(
        added=tuple(sorted(set(names) - set(listed))),
        removed=tuple(sorted(set(listed) - set(names))),
        reload=tuple(reload),
        options=tuple(options),
    )


def _difference(before: SyncConfig, now: SyncConfig, name: QualifiedName) -> str:
    """Operations count from now on and need no reload."""
    old = before.tables.get(str(name), TableOptions())
    new = now.tables.get(str(name), TableOptions())
    found = [each for each in (*_ROWS, *_DEFINITION) if getattr(old, each) != getattr(new, each)]
    if "name" not in found and Shapes(before).table(name) != Shapes(now).table(name):
        found.append("name")
    if before.names.case != now.names.case and "columns" not in found:
        found.append("names.case")
    return ", ".join(f"`{each}`" for each in found)
