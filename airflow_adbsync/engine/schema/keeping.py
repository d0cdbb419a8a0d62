"""Reads what the target has already, where existing tables are to be kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import empty_search_path
from airflow_adbsync.engine.config import Existing, ExistingRows, SyncConfig
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Finding, QualifiedName, Status
from airflow_adbsync.engine.schema.definitions import Definitions
from airflow_adbsync.engine.schema.differing import differences, trim
from airflow_adbsync.engine.schema.drawing import Drawn
from airflow_adbsync.engine.schema.existing import CHECK, Keeping, There, keep
from airflow_adbsync.engine.schema.planning import Plan
from airflow_adbsync.engine.schema.reading import read_definitions, read_inventory
from airflow_adbsync.engine.schema.target import Target

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays on the target as it is. ``done`` are this sync's statements, and what they made its own."""

    before: Drawn
    keeping: Keeping
    there: There
    target: Target
    done: frozenset[str]
    rows: ExistingRows

    @property
    def drawn(self) -> Drawn:
        """What is still to be made."""
        placements = self.before.placements.without(self.tables)
        return replace(self.before, definitions=self.keeping.definitions, placements=placements)

    @property
    def tables(self) -> tuple[QualifiedName, ...]:
        """The kept tables."""
        return tuple(ours.name for ours, _ in self.keeping.pairs)

    @property
    def _renames(self) -> bool:
        return not self.before.renaming.names.change_nothing

    def trimmed(self, made: Plan) -> Plan:
        """A plan without what is there already; where names differ, that are tables only."""
        return made if self._renames else trim(made, self.there, self.target, self.done).plan

    def findings(self, made: Plan | None = None) -> tuple[Finding, ...]:
        """What doesn't fit is FAILED, what differs an ALERT; so is what of ``made`` is there otherwise."""
        others: tuple[Finding, ...] = ()
        if made and not self._renames:
            others = trim(made, self.there, self.target, self.done).findings
        compared = differences(self.keeping, self.there, self.target)
        return (*self.keeping.findings, *self._filled(), *compared, *others)

    def raise_if_refused(self) -> None:
        """Return if every kept table can be kept.

        Raises:
            ConfigError: some can't; each is named with its remedy.
        """
        refused = [item for item in (*self.keeping.findings, *self._filled()) if item.status is Status.FAILED]
        if refused:
            shown = " ".join(f"{item.found} {item.remedy}" for item in refused[:_SHOWN])
            more = f" And {len(refused) - _SHOWN} more." if len(refused) > _SHOWN else ""
            raise ConfigError(
                f"The target has tables that can't be kept: {shown}{more}",
                remedy="Do as said for each, then run this again; nothing was changed.",
            )

    def _filled(self) -> Iterator[Finding]:
        if self.rows is not ExistingRows.REFUSE:
            return
        for ours, theirs in self.keeping.pairs:
            if theirs.name in self.there.filled:
                yield Finding(
                    CHECK,
                    Status.FAILED,
                    f"Table {theirs.name} of the target holds rows that this sync has not brought.",
                    f"Empty it (TRUNCATE {theirs.name.sql};), or say `load: {{existing_rows: replace}}` or "
                    "`keep`.",
                    str(ours.name),
                )


def find_kept(conn: Connection, config: SyncConfig, drawn: Drawn, target: Target) -> Kept | None:
    """Look on the target for what is there, or return None where nothing of it is to be kept."""
    if config.schema_options.existing is not Existing.IGNORE:
        return None
    done = frozenset[str]()
    own = frozenset[QualifiedName]()
    if state.is_present(conn):
        done = state.statements.done(conn, config.sync_id)
        own = state.kept_tables.taken_over(conn, config.sync_id)
    with empty_search_path(conn):
        there = _read(conn, drawn)
        keeping = keep(drawn.definitions, drawn.inventory, there, done, drawn.renaming.names)
        names = [theirs.name for ours, theirs in keeping.pairs if ours.name not in own]
        filled = frozenset(name for name in names if _has_rows(conn, name))
    there = There(there.definitions, there.inventory, filled)
    return Kept(drawn, keeping, there, target, done, config.load.existing_rows)


def _read(conn: Connection, drawn: Drawn) -> There:
    names = drawn.renaming.names
    homes = {names.schema(home) for home in _homes(drawn.definitions)}
    homes |= {names.relation(table.name).schema for table in drawn.definitions.tables}
    inventory = read_inventory(conn)
    members = [
        item.id for item in inventory.items.values() if item.name.schema in homes and not item.extension
    ]
    return There(read_definitions(conn, inventory, members), inventory)


def _homes(definitions: Definitions) -> set[str]:
    named = (
        *definitions.tables,
        *definitions.types,
        *definitions.sequences,
        *definitions.functions,
        *definitions.aggregates,
        *definitions.views,
    )
    return {item.name.schema for item in named} | {item.home for item in definitions.written if item.home}


def _has_rows(conn: Connection, name: QualifiedName) -> bool:
    row = conn.execute(f"SELECT EXISTS (SELECT FROM {name.sql})".encode()).fetchone()
    return bool(row and row[0])
