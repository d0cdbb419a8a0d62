"""What PostgreSQL tests of its own subscriptions (src/test/subscription/t there), tested of ours in one sync.

The scenarios are in ``scenarios``. Of the rest, these have tests elsewhere, or no meaning here:

    002_types       test_every_type, test_apply_shapes    027_nosuperuser  test_load_races, test_precheck
    004_sync        test_hand_over, test_load_races       029_on_error     test_apply_refusals
    005_encoding    test_hand_over                        030_sequences    test_sequences
    007_ddl         test_resuming, test_start             032_apply_delay  none: nothing is held back
    012_collation   test_equal_keys                       033_run_as_...   none: nothing runs as an owner
    021, 022, 023   test_hand_over, tests/faults          034_temporal     test_equal_keys
    024_add_drop_pub test_resuming, test_start            035_conflicts    test_apply_refusals
    026_stats       test_lag, test_change_positions       036_sequences    test_sequences
    037_except      test_table_selection                  038_walsnd_...   tests/faults (fast restarts)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.replication.target_session import TargetSession
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database, Server, fresh_database
from tests.integration.replicated import begin, catch_up, load
from tests.segments import as_made_there, is_distributed

FILES = {path.stem: path for path in sorted((Path(__file__).parent / "scenarios").glob("*.sql"))}
# A sync streams in binary where none of its tables has a type of the database's own.
WITHOUT_OWN_TYPES = [name for name, path in FILES.items() if "CREATE TYPE" not in path.read_text()]


@dataclass
class Scenario:
    """``here`` are the target's own tables, where they are others than ``there``."""

    compares: list[tuple[str, str]] = field(default_factory=list)
    tables: dict[str, Any] = field(default_factory=dict)
    there: str = ""
    here: str = ""
    rows: str = ""
    changes: list[tuple[int, str]] = field(default_factory=list)  # since which version
    loaded: list[list[Any]] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Scenario:
        head, *sections = path.read_text().split("\n\n-- ")
        scenario = cls()
        for line in head.splitlines():
            word, _, said = line.removeprefix("-- ").partition(": ")
            if word == "compares":
                source, _, target = said.partition(" | ")
                scenario.compares.append((source, target or source))
            elif word == "tables":
                scenario.tables |= yaml.safe_load(said)
        for section in sections:
            word, _, text = section.partition(":\n")
            if word.startswith("change"):
                scenario.changes.append((int(word.removeprefix("change since ")) if " " in word else 0, text))
            else:
                setattr(scenario, word, text)
        return scenario

    def make(self, source: Database, target: Database) -> None:
        source.execute(self.there)
        target.execute(as_made_there(target, self.here or self.there))
        source.execute(self.rows)

    def change(self, source: Database, target: Database) -> None:
        self.loaded = [rows_of(target, here) for _, here in self.compares]
        with source.connect() as conn:
            for since, change in self.changes:
                if source.major >= since:
                    conn.execute(change.encode())


@dataclass(frozen=True)
class Replicated:
    source: Database
    target: Database
    scenarios: dict[str, Scenario]
    takes_binary: bool


@contextmanager
def replicated(
    source_server: Server, target_server: Server, names: Iterable[str], most: int
) -> Iterator[Replicated]:
    """Two databases after all changes of these scenarios, applied in batches of so many changes."""
    with fresh_database(source_server, "source") as source, fresh_database(target_server, "target") as target:
        scenarios = {name: Scenario.read(FILES[name]) for name in names}
        for scenario in scenarios.values():
            scenario.make(source, target)
        config = SyncConfig.model_validate(
            {
                "sync_id": f"scenarios_{most}",
                "source": "a",
                "target": "b",
                "objects": {"schemas": ["public"]},
                "tables": {name: said for each in scenarios.values() for name, said in each.tables.items()},
                "incremental": {"max_batch_changes": most, "retry_for": "20s"},
            }
        )
        sync = Sync(config, source.endpoint, target.endpoint)
        begin(sync)
        load(sync)
        for scenario in scenarios.values():
            scenario.change(source, target)
        with TargetSession(sync, patience=5) as session:
            takes_binary = session.takes_binary
        catch_up(sync, source)
        yield Replicated(source, target, scenarios, takes_binary)


@pytest.fixture(scope="module")
def in_text(source_server: Server, target_server: Server) -> Iterator[Replicated]:
    """All of them, with all of a transaction in one batch."""
    with replicated(source_server, target_server, FILES, 50_000) as found:
        assert not found.takes_binary
        yield found


@pytest.fixture(scope="module")
def in_binary(source_server: Server, target_server: Server) -> Iterator[Replicated]:
    """Those that can travel so, with transactions cut to pieces."""
    with replicated(source_server, target_server, WITHOUT_OWN_TYPES, 7) as found:
        # To segments all goes as text.
        assert found.takes_binary is not is_distributed(found.target)
        yield found


@pytest.mark.parametrize("name", FILES)
def test_every_scenario(in_text: Replicated, name: str) -> None:
    assert_replicated(in_text, name)


@pytest.mark.parametrize("name", WITHOUT_OWN_TYPES)
def test_in_binary_and_in_pieces(in_binary: Replicated, name: str) -> None:
    assert_replicated(in_binary, name)


def assert_replicated(replicated: Replicated, name: str) -> None:
    scenario = replicated.scenarios[name]
    there = [rows_of(replicated.source, query) for query, _ in scenario.compares]
    here = [rows_of(replicated.target, query) for _, query in scenario.compares]

    assert here == there
    assert here != scenario.loaded


def rows_of(database: Database, query: str) -> list[Any]:
    return database.fetch(f"SELECT t::text FROM {query} AS t ORDER BY 1")
