"""The verification's modes and options, on tables that replication does not touch."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.config import SyncConfig, VerifyOptions
from airflow_adbsync.engine.errors import ConfigError, RightMissing, VerificationMismatch
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify import raise_on_mismatch, verify
from airflow_adbsync.engine.verify.portion_check import PortionCheck
from tests.databases import Database
from tests.integration.replicated import catch_up, running_sync
from tests.integration.started_sync import started_sync

ROWS = 60_000
LARGE = f"""
    CREATE TABLE large (id int, day date, note text, PRIMARY KEY (id, day));
    INSERT INTO large SELECT n, date '2026-01-01' + n % 7, 'note ' || n FROM generate_series(1, {ROWS}) n;
    CREATE TABLE loose (note text);
    INSERT INTO loose SELECT 'same' FROM generate_series(1, 500);
    ANALYZE;
"""
OPTIONS = VerifyOptions(chunk_rows=10_000, settle=timedelta(0))


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    for database in (source_db, target_db):
        database.execute(LARGE)
    return started_sync(source_db.endpoint, target_db.endpoint)


def test_a_count_sees_missing_rows_and_a_sample_reads_a_part(sync: Sync, target_db: Database) -> None:
    sampled = verify(sync, options=OPTIONS.replaced(mode="sampled", sample=20, tables=["public.large"]))
    assert [(item.mode, item.equal) for item in sampled] == [("sampled", True)]
    assert ROWS * 0.05 < sampled[0].compared < ROWS * 0.5

    target_db.execute("DELETE FROM large WHERE id IN (5, 50000); UPDATE large SET note = '' WHERE id = 6")
    target_db.execute("INSERT INTO loose VALUES ('same')")
    large, loose = verify(sync, options=OPTIONS.replaced(mode="count"))
    assert (large.missing_on_target, large.differing, large.target_rows) == (2, 0, ROWS - 2)
    assert (loose.missing_on_source, loose.target_rows) == (1, 501)

    large, loose = verify(sync, options=OPTIONS.replaced(max_keys=2))
    assert (large.missing_on_target, large.differing, len(large.keys)) == (2, 1, 2)
    assert (loose.missing_on_source, loose.keys[0].key) == (1, "(same)")
    with pytest.raises(ConfigError, match=r"not the sync's: public\.stranger"):
        verify(sync, options=OPTIONS.replaced(tables=["public.stranger"]))


def test_repair_without_replication_and_at_a_pace(sync: Sync, target_db: Database) -> None:
    target_db.execute(
        "UPDATE large SET note = '' WHERE id <= 5000; DELETE FROM loose; INSERT INTO loose VALUES ('x')"
    )
    large, loose = verify(sync, options=OPTIONS.replaced(repair=True, max_keys=3))
    raise_on_mismatch([large, loose])
    assert (large.repaired, loose.repaired) == (5000, 501)
    assert [row.repaired for row in large.keys] == [True] * 3
    began = time.monotonic()
    raise_on_mismatch(verify(sync, options=OPTIONS.replaced(max_rows_per_second=30_000)))
    assert time.monotonic() - began > 1.5


def test_an_attempt_goes_on_where_the_last_one_broke_off(
    sync: Sync, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = PortionCheck.check
    checked: list[tuple[str, int]] = []

    def breaking(self: PortionCheck, job: Any, tally: Any) -> Any:
        if len(checked) == 4:
            raise ConfigError("broken off")
        checked.append((job.table.name.name, job.portion.number))
        return check(self, job, tally)

    alone = OPTIONS.replaced(parallel=1)
    monkeypatch.setattr(PortionCheck, "check", breaking)
    with pytest.raises(ConfigError, match="broken off"):
        verify(sync, options=alone, run="one")
    first = list(checked)
    checked.clear()

    def noting(self: PortionCheck, job: Any, tally: Any) -> Any:
        checked.append((job.table.name.name, job.portion.number))
        return check(self, job, tally)

    monkeypatch.setattr(PortionCheck, "check", noting)
    results = verify(sync, options=alone, run="one")
    assert len(first) == 4
    assert checked
    assert not set(first) & set(checked)
    assert [item.compared for item in results] == [ROWS, 500]
    raise_on_mismatch(results)
    with target_db.connect() as conn:
        assert state.verification_portions.read(conn, sync.sync_id, "one") == ()
        assert state.verifications.read(conn, sync.sync_id) == results


def test_tables_of_another_shape_are_compared_through_it(source_db: Database, target_db: Database) -> None:
    source_db.execute(
        """
        CREATE TABLE orders (id int PRIMARY KEY, note text, amount numeric, secret text);
        INSERT INTO orders SELECT n, 'Note 100% ' || n, n * 1.005, 'x' FROM generate_series(1, 2000) n;
        """
    )
    target_db.execute(
        """
        CREATE SCHEMA store;
        CREATE TABLE store.purchases (no bigint PRIMARY KEY, note text, amount numeric(12, 2), origin text);
        INSERT INTO store.purchases
            SELECT n, 'note 100% ' || n, n * 1.005, 'eu' FROM generate_series(11, 2000) n;
        """
    )
    plain = started_sync(source_db.endpoint, target_db.endpoint)
    config = SyncConfig.model_validate(
        {
            **plain.config.model_dump(mode="json", exclude_defaults=True),
            "names": {"schemas": {"public": "store"}},
            "tables": {
                "public.orders": {
                    "name": "purchases",
                    "where": "id > 10 AND note LIKE 'Note 100%'",
                    "columns": {
                        "id": {"name": "no", "type": "bigint"},
                        "note": {"value": "lower(note)"},
                        "amount": {"type": "numeric(12,2)"},
                        "secret": False,
                    },
                    "extra": {"origin": {"type": "text", "value": "'eu'"}},
                }
            },
        }
    )
    sync = Sync(config, plain.source, plain.target)
    (same,) = verify(sync, options=OPTIONS)
    assert (same.equal, same.compared) == (True, 1990)

    target_db.execute(
        """
        UPDATE store.purchases SET origin = 'us' WHERE no = 100;
        INSERT INTO store.purchases VALUES (9, 'note 100% 9', 0, 'eu'), (10, 'note 100% 10', 10.05, 'eu');
        DELETE FROM store.purchases WHERE no = 2000;
        """
    )
    (found,) = verify(sync, options=OPTIONS)
    assert (found.differing, found.missing_on_source, found.missing_on_target) == (1, 2, 1)
    assert {row.key for row in found.keys} == {"id=100", "id=9", "id=10", "id=2000"}
    (repaired,) = verify(sync, options=OPTIONS.replaced(repair=True))
    assert (repaired.equal, repaired.repaired) == (True, 4)
    assert target_db.value("SELECT origin FROM store.purchases WHERE no = 100") == "eu"


def test_what_nobody_applies_is_looked_for_in_the_slot(source_db: Database, target_db: Database) -> None:
    """Without an applier a difference counts if the slot holds nothing, else it can't be told from lag."""
    sync = running_sync(source_db, target_db, "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int)")
    source_db.execute("INSERT INTO t SELECT generate_series(1, 100)")
    catch_up(sync, source_db)
    target_db.execute("DELETE FROM t WHERE id = 7")
    source_db.execute("CREATE TABLE noise (id int); CHECKPOINT")
    options = OPTIONS.replaced(settle=timedelta(seconds=2))
    (t, _) = verify(sync, options=options)
    assert (t.missing_on_target, t.unsettled) == (1, 0)

    source_db.execute("INSERT INTO t VALUES (101)")
    (t, _) = verify(sync, options=options)
    assert (t.missing_on_target, t.unsettled) == (0, 2)
    with pytest.raises(VerificationMismatch, match=r"2 could not be settled.*ahead of the target"):
        raise_on_mismatch([t])

    catch_up(sync, source_db)
    (t, _) = verify(sync, options=options.replaced(repair=True))
    assert (t.equal, t.repaired) == (True, 1)


def test_rows_that_do_not_fit_stay_and_what_would_fire_stops_the_repair(
    source_db: Database, target_db: Database
) -> None:
    role = f"writer_{target_db.endpoint.database}"
    for database in (source_db, target_db):
        database.execute(
            "CREATE TABLE t (id int PRIMARY KEY, code int); INSERT INTO t VALUES (1, 1), (2, 1), (3, 3)"
        )
    target_db.execute("UPDATE t SET code = id; UPDATE t SET code = 4 WHERE id = 3")
    sync = started_sync(source_db.endpoint, target_db.endpoint)
    target_db.execute(
        f"""
        CREATE UNIQUE INDEX of_its_own ON t (code);
        CREATE TABLE child (id int REFERENCES t ON DELETE CASCADE);
        INSERT INTO child VALUES (2);
        CREATE ROLE {role} LOGIN PASSWORD 'secret';
        GRANT USAGE ON SCHEMA adbsync TO {role};
        GRANT ALL ON ALL TABLES IN SCHEMA adbsync, public TO {role};
        """
    )
    weak = Sync(sync.config, sync.source, replace(sync.target, user=role, password="secret"))
    repairing = OPTIONS.replaced(repair=True)
    with pytest.raises(RightMissing, match=r"foreign keys of public\.t would act.*GRANT SET ON PARAMETER"):
        verify(weak, options=repairing)
    (found,) = verify(sync, options=repairing)
    assert (found.differing, found.repaired, found.equal) == (1, 1, False)
    assert target_db.fetch("SELECT * FROM child") == [(2,)]
    target_db.execute("DROP INDEX of_its_own")
    (found,) = verify(sync, options=repairing)
    assert (found.differing, found.repaired, found.equal) == (0, 1, True)
    assert target_db.fetch("SELECT * FROM child") == [(2,)]
    target_db.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
