"""Reads what a sync carries of the source, and gives it the shape, the names and the places of the target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from airflow_adbsync.engine.catalog import query, read_relations, read_server
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.belonging import Belonging, belonging, omitted
from airflow_adbsync.engine.schema.definitions import Definitions
from airflow_adbsync.engine.schema.flattening import flattened, flattens
from airflow_adbsync.engine.schema.identity import ObjectId
from airflow_adbsync.engine.schema.inventory import Inventory
from airflow_adbsync.engine.schema.placement import NOWHERE_SPECIAL, Placements
from airflow_adbsync.engine.schema.placement_reading import read_source_placement
from airflow_adbsync.engine.schema.placing import place
from airflow_adbsync.engine.schema.reading import read_definitions, read_inventory
from airflow_adbsync.engine.schema.renaming import (
    Analysis,
    Names,
    Renaming,
    Source,
    analyse,
    column_renames,
    refuse_collisions,
    root_of,
)
from airflow_adbsync.engine.schema.shaping import Shaped, Uses, by_object, reshaped_keys, shaped, unusable
from airflow_adbsync.engine.schema.target import Target
from airflow_adbsync.engine.shape import Shapes, TableShape


@dataclass(frozen=True, slots=True)
class Carried:
    """What belongs to a sync; ``definitions`` are shaped, under the source's names.

    ``renaming`` gives statements the target's; ``gone`` are the oids of unique indexes that are left out.
    """

    inventory: Inventory
    chosen: Belonging
    definitions: Definitions
    renaming: Renaming
    parts_left_out: tuple[tuple[str, str], ...] = ()
    gone: frozenset[int] = frozenset()

    @property
    def left_out(self) -> tuple[tuple[str, str], ...]:
        """What is not carried, each with the reason."""
        return (*((str(left.item), left.reason) for left in self.chosen.left_out), *self.parts_left_out)


@dataclass(frozen=True, slots=True)
class Drawn(Carried):
    """What belongs to a sync, and where its tables live."""

    placements: Placements = NOWHERE_SPECIAL


def choose(
    source: Connection, config: SyncConfig, target: Target, enlisted: Iterable[QualifiedName] = ()
) -> Carried:
    """Read with an empty search_path; of the tables only the ``enlisted`` ones, if any are.

    Raises:
        ConfigError: the selection can't be read, or can't have the shape and the names that are configured.
        CapabilityMissing: partitions are to be kept, and the target has none.
    """
    return _Drawing(source, config, target, frozenset(enlisted)).carried()


def draw(
    source: Connection, config: SyncConfig, target: Target, enlisted: Iterable[QualifiedName] = ()
) -> Drawn:
    """As `choose`, with the tables' places.

    Raises:
        ConfigError: as `choose`.
        CapabilityMissing: as `choose`.
    """
    carried = choose(source, config, target, enlisted)
    tables = carried.definitions.tables
    here = read_source_placement(source, capabilities(read_server(source)), [table.oid for table in tables])
    options = (config.distribution, config.storage)
    placements = place(
        tables, reshaped_keys(here, carried.definitions, carried.gone), options, target.can, target.engines
    )
    return Drawn(
        carried.inventory,
        carried.chosen,
        carried.definitions,
        carried.renaming,
        carried.parts_left_out,
        carried.gone,
        placements,
    )


class _Drawing:
    def __init__(
        self, source: Connection, config: SyncConfig, target: Target, enlisted: frozenset[QualifiedName]
    ) -> None:
        self._source = source
        self._config = config
        self._target = target
        self._flat = flattens(config.schema_options, target.can)
        relations = read_relations(source, config.objects)
        self._shapes = Shapes(config)
        self._shape_of = {shape.source: shape for shape in self._shapes.all_of(relations)}
        # A table that appeared after the start is not in the publication.
        names = {relation.name for relation in relations}
        self._tables = names & enlisted or names
        self._inventory = read_inventory(source)

    def carried(self) -> Carried:
        chosen = self._chosen({})
        definitions = self._definitions(chosen)
        shapes = self._by_oid(definitions)
        left_out = {oid: shape.omitted for oid, shape in shapes.items() if shape.omitted}
        uses = self._uses(left_out)
        names = Names.of(self._shapes, self._inventory, definitions)
        found = self._shaped(definitions, shapes, uses)
        analysis = self._analyse(names, found, definitions, left_out)
        if without := {**unusable(uses, left_out, self._inventory), **analysis.unclear}:
            chosen = self._chosen(without)
            found = self._shaped(self._definitions(chosen), shapes, uses)
        refuse_collisions(names, self._inventory, chosen.members, found.definitions)
        return Carried(
            self._inventory,
            chosen,
            found.definitions,
            Renaming.of(names, found.definitions, self._inventory, analysis.bodies),
            found.left_out,
            found.gone,
        )

    def _chosen(self, without: Mapping[ObjectId, str]) -> Belonging:
        config = self._config
        return belonging(
            self._inventory,
            self._tables,
            config.objects.schemas,
            self._target,
            omitted(config.schema_options),
            flat=self._flat,
            without=without,
        )

    def _definitions(self, chosen: Belonging) -> Definitions:
        grants = self._config.schema_options.grants
        found = read_definitions(self._source, self._inventory, chosen.members, grants=grants)
        return flattened(found) if self._flat else found

    def _by_oid(self, definitions: Definitions) -> dict[int, TableShape]:
        """A partition has its root's."""
        tables = {table.oid: table for table in definitions.tables}
        roots = {oid: root_of(table, tables).name for oid, table in tables.items()}
        return {oid: self._shape_of[name] for oid, name in roots.items() if name in self._shape_of}

    def _uses(self, left_out: Mapping[int, object]) -> Uses:
        if not left_out:
            return {}
        rows = self._source.execute(query(__package__, "column_uses"), {"oids": list(left_out)})
        return by_object(rows.fetchall())

    def _shaped(self, definitions: Definitions, shapes: Mapping[int, TableShape], uses: Uses) -> Shaped:
        return shaped(definitions, shapes, uses, self._inventory)

    def _analyse(
        self,
        names: Names,
        found: Shaped,
        before: Definitions,
        left_out: Mapping[int, tuple[str, ...]],
    ) -> Analysis:
        shaped_rows = any(len(shape.carried) < len(shape.columns) for shape in self._shape_of.values())
        if self._shapes.renames_nothing and not left_out and not shaped_rows:
            return Analysis()
        rows = self._source.execute(query(__package__, "words")).fetchall()
        columns = column_renames(names, found.definitions)
        widened = frozenset(
            shape.source
            for shape in self._shape_of.values()
            if any(column.source is None for column in shape.columns)
        )
        words = frozenset(word for (word,) in rows)
        return analyse(names, columns, Source(self._inventory, before, left_out, widened), words)
