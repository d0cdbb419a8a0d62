"""The DDL under other names and in other shapes, as files that a reviewer reads: snapshots/renamed/*.sql.

ADBSYNC_WRITE_SNAPSHOTS=1 writes them anew; what changed is then seen in the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.model import Column, Relation, RelationKind
from airflow_adbsync.engine.schema.definitions import (
    Definitions,
    Dependencies,
    TableDefinition,
    ViewDefinition,
)
from airflow_adbsync.engine.schema.identity import relation
from airflow_adbsync.engine.schema.inventory import Inventory, Item
from airflow_adbsync.engine.schema.placement import Engines
from airflow_adbsync.engine.schema.placing import place
from airflow_adbsync.engine.schema.planning import plan
from airflow_adbsync.engine.schema.renaming import Names, Renaming
from airflow_adbsync.engine.schema.shaping import reshaped_keys, shaped
from airflow_adbsync.engine.schema.target import Target
from airflow_adbsync.engine.shape import Shapes
from tests.unit.test_dialect_snapshots import (
    ANALYTICDB,
    ANALYTICDB_ENGINES,
    GREENPLUM,
    GREENPLUM_ENGINES,
    POSTGRESQL,
)
from tests.unit.warehouse import COUNTRIES, CUSTOMERS, ODD, ORDERS, ORDINARY, named

SNAPSHOTS = Path(__file__).parent / "snapshots" / "renamed"
CONFIG = """
sync_id: renamed
source: a
target: b
objects: {schemas: [public, Odd.Schema]}
names: {case: lower, schemas: {public: sales}}
tables:
  public.customers:
    name: people.clients
    columns: {id: client no, country: false, email: {type: varchar(200)}}
    extra: {origin: {type: text, value: "'eu'"}}
  public.orders:
    columns: {id: customer_id, customer_id: id}
    primary_key: [id, customer_id, email]
"""
BY_COLUMN = (
    "distribution: {tables: {public.customers: [id], public.orders: [customer_id]}, other_keys: leave_out}"
)
EMAILS = ViewDefinition(
    100, named("public.emails"), " SELECT customers.id,\n    customers.email\n   FROM public.customers;"
)
CASES: dict[str, tuple[Capabilities, Engines, str]] = {
    "postgresql": (POSTGRESQL, Engines(), ""),
    "greenplum": (GREENPLUM, GREENPLUM_ENGINES, BY_COLUMN),
    "analyticdb": (ANALYTICDB, ANALYTICDB_ENGINES, BY_COLUMN),
}


def written(target: Capabilities, engines: Engines, more: str) -> str:
    config = SyncConfig.model_validate(yaml.safe_load(CONFIG) | (yaml.safe_load(more) or {}))
    before = Definitions(tables=(CUSTOMERS, ORDERS, COUNTRIES, ODD), views=(EMAILS,))
    needs = ((relation(EMAILS.oid), relation(CUSTOMERS.oid)),)
    inventory = Inventory({item.id: item for item in _items(before)}, dependencies=Dependencies(needs=needs))
    shapes = Shapes(config)
    of = {shape.source: shape for shape in shapes.all_of([_relation(table) for table in before.tables])}
    found = shaped(before, {table.oid: of[table.name] for table in before.tables}, {}, inventory)
    definitions = found.definitions
    keys = reshaped_keys(ORDINARY, definitions, found.gone)
    places = place(definitions.tables, keys, (config.distribution, config.storage), target, engines)
    places.raise_if_refused()
    names = Names.of(shapes, inventory, definitions)
    made = plan(
        definitions,
        inventory.dependencies,
        Target(target, engines=engines),
        placements=places,
        renaming=Renaming.of(names, definitions, inventory),
    )
    statements = (*made.before, *made.after, *made.validations)
    head = [f"-- {line}" for line in (CONFIG + more).strip().split("\n")]
    return "\n".join((*head, "", *(f"{statement.sql};\n" for statement in statements)))


def _items(definitions: Definitions) -> list[Item]:
    views = [Item(relation(view.oid), view.name, "v") for view in definitions.views]
    return [*(Item(relation(table.oid), table.name, table.kind) for table in definitions.tables), *views]


def _relation(table: TableDefinition) -> Relation:
    columns = tuple(Column(column.name, column.type) for column in table.columns)
    return Relation(table.name, RelationKind(table.kind), columns, oid=table.oid)


@pytest.mark.parametrize("name", CASES)
def test_the_ddl_is_the_one_that_was_read(name: str) -> None:
    path = SNAPSHOTS / f"{name}.sql"
    found = written(*CASES[name])
    if os.environ.get("ADBSYNC_WRITE_SNAPSHOTS"):
        path.write_text(found, encoding="utf-8")

    assert found == path.read_text(encoding="utf-8")
