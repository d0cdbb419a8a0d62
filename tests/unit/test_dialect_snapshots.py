"""The DDL for each member of the family, as files that a reviewer reads: tests/unit/snapshots/*.sql.

ADBSYNC_WRITE_SNAPSHOTS=1 writes them anew; what changed is then seen in the diff.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.dialect import Capabilities, capabilities
from airflow_adbsync.engine.model import Family, Server
from airflow_adbsync.engine.schema.definitions import Definitions, Dependencies
from airflow_adbsync.engine.schema.flattening import flattened, flattens
from airflow_adbsync.engine.schema.placement import Engines, Placements, SourcePlacement
from airflow_adbsync.engine.schema.placing import place
from airflow_adbsync.engine.schema.planning import plan
from airflow_adbsync.engine.schema.target import Target
from tests.unit.warehouse import DEFINITIONS, DISTRIBUTED, DISTRIBUTED_DEFINITIONS, ORDINARY

SNAPSHOTS = Path(__file__).parent / "snapshots"
POSTGRESQL = capabilities(Server(Family.POSTGRESQL, 180000, "", "", 0, "db"))
GREENPLUM = capabilities(Server(Family.GREENPLUM, 120012, "", "", 0, "db"))
ANALYTICDB = capabilities(Server(Family.ANALYTICDB, 120012, "", "", 0, "db"))
GREENPLUM_ENGINES = Engines(frozenset({"heap", "ao_row", "ao_column"}), frozenset({"heap"}))
ANALYTICDB_ENGINES = Engines(frozenset({"heap", "ao_row", "ao_column", "beam"}), frozenset({"heap", "beam"}))

CONFIG = """
distribution:
  tables:
    public.orders: [customer_id]
    public.countries: replicated
    public.events: randomly
    archive.logs: [day]
  other_keys: widen
"""
GREENPLUM_CONFIG = f"""
{CONFIG}
storage:
  default: ao_row
  schemas:
    archive: {{engine: ao_row, options: {{compresstype: zstd, compresslevel: 5}}}}
  tables:
    public.events: ao_column
    public.customers: {{engine: heap, options: {{fillfactor: 70}}}}
"""
ANALYTICDB_CONFIG = f"""
{CONFIG}
  as_primary_key: true
storage:
  default: beam
  tables:
    public.orders: heap
    archive.logs:
      engine: beam
      order_by: [day, line]
      options: {{compresstype: zstd, compresslevel: 5}}
"""
KEPT = "distribution: {as_primary_key: true}"


def options(text: str) -> SyncConfig:
    needed = {"sync_id": "s", "source": "a", "target": "b", "objects": {"schemas": ["public"]}}
    return SyncConfig.model_validate(needed | (yaml.safe_load(text) or {}))


def written(
    definitions: Definitions,
    source: SourcePlacement,
    config: str,
    target: Capabilities,
    engines: Engines,
) -> str:
    """All statements in their order, after what the findings say."""
    said = options(config)
    if flattens(said.schema_options, target):
        roots = tuple(table for table in definitions.tables if table.partition_bound is None)
        definitions = flattened(replace(definitions, tables=roots))
    placements = place(definitions.tables, source, (said.distribution, said.storage), target, engines)
    placements.raise_if_refused()
    made = plan(definitions, Dependencies(), Target(target, engines=engines), placements=placements)
    head = ["-- The sync's configuration:", *(f"--   {line}" for line in config.split("\n") if line.strip())]
    return "\n".join(
        (*head, "", *_found(placements), "", *_statements(made.before, made.after, made.validations))
    )


def _found(placements: Placements) -> list[str]:
    return [f"-- {item.status}: {item.found} {item.remedy}".rstrip() for item in placements.findings]


def _statements(*halves: tuple[object, ...]) -> list[str]:
    return [f"{statement.sql};\n" for half in halves for statement in half]  # type: ignore[attr-defined]


CASES = {
    "postgresql": (DEFINITIONS, ORDINARY, CONFIG, POSTGRESQL, Engines()),
    "greenplum": (DEFINITIONS, ORDINARY, GREENPLUM_CONFIG, GREENPLUM, GREENPLUM_ENGINES),
    "analyticdb": (DEFINITIONS, ORDINARY, ANALYTICDB_CONFIG, ANALYTICDB, ANALYTICDB_ENGINES),
    "greenplum_to_greenplum": (DISTRIBUTED_DEFINITIONS, DISTRIBUTED, "", GREENPLUM, GREENPLUM_ENGINES),
    "greenplum_to_postgresql": (DISTRIBUTED_DEFINITIONS, DISTRIBUTED, KEPT, POSTGRESQL, Engines()),
}


@pytest.mark.parametrize("name", CASES)
def test_the_ddl_is_the_one_that_was_read(name: str) -> None:
    path = SNAPSHOTS / f"{name}.sql"
    found = written(*CASES[name])
    if os.environ.get("ADBSYNC_WRITE_SNAPSHOTS"):
        path.write_text(found, encoding="utf-8")

    assert found == path.read_text(encoding="utf-8")


def test_every_snapshot_is_looked_at() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.sql")} == set(CASES)
