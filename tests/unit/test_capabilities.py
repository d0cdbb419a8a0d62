"""Capabilities are decided by family and kernel version."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.catalog.server import family
from airflow_adbsync.engine.dialect import Capabilities, capabilities
from airflow_adbsync.engine.dialect.capabilities import names
from airflow_adbsync.engine.errors import CapabilityMissing
from airflow_adbsync.engine.model import Family, Server


def server(version_num: int, family: Family = Family.POSTGRESQL) -> Server:
    return Server(family, version_num, "", "", 0, "db")


POSTGRESQL_18 = capabilities(server(180004))
GREENPLUM_7 = capabilities(server(120012, Family.GREENPLUM))


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("current_snapshot_function", 13),
        ("publish_via_root", 13),
        ("logical_messages", 14),
        ("binary_tuples", 14),
        ("streaming", 14),
        ("row_filters", 15),
        ("merge", 15),
        ("origin_filter", 16),
        ("failover_slots", 17),
        ("published_generated_columns", 18),
        ("virtual_generated_columns", 18),
    ],
)
def test_postgresql_has_it_since(name: str, first: int) -> None:
    assert getattr(capabilities(server(first * 10_000)), name)
    assert not getattr(capabilities(server((first - 1) * 10_000 + 17)), name)


def test_every_family_decides_every_capability() -> None:
    for kind in Family:
        able = capabilities(server(120000, kind))
        assert all(isinstance(getattr(able, name), bool) for name in names())


def test_greenplum_lacks_what_its_kernel_has() -> None:
    kernel = capabilities(server(120012))

    assert kernel.logical_decoding
    assert not GREENPLUM_7.logical_decoding
    assert not GREENPLUM_7.foreign_keys_enforced
    assert GREENPLUM_7.distributed
    assert GREENPLUM_7.on_conflict
    assert not capabilities(server(90400, Family.GREENPLUM)).on_conflict
    assert capabilities(server(120012, Family.ANALYTICDB)).logical_decoding


def test_need_is_silent_where_it_is_there() -> None:
    POSTGRESQL_18.need("failover_slots")


@pytest.mark.parametrize(
    ("able", "name", "words"),
    [
        (
            capabilities(server(160014)),
            "failover_slots",
            ["PostgreSQL 16 (database db)", "failover slots", "PostgreSQL 17"],
        ),
        (capabilities(server(90400)), "binary_tuples", ["PostgreSQL 9.4", "PostgreSQL 14"]),
        (GREENPLUM_7, "merge", ["Greenplum on kernel 12", "merge"]),
        (POSTGRESQL_18, "distributed", ["PostgreSQL 18", "Greenplum family"]),
    ],
)
def test_a_missing_one_says_what_there_is_and_what_it_takes(
    able: Capabilities, name: str, words: list[str]
) -> None:
    with pytest.raises(CapabilityMissing) as error:
        able.need(name)

    assert all(word in str(error.value) for word in words), str(error.value)


@pytest.mark.parametrize(
    ("version", "setting", "expected"),
    [
        ("PostgreSQL 16.14 on x86_64-pc-linux-gnu", None, Family.POSTGRESQL),
        ("PostgreSQL 12.12 (Greenplum Database 7.0.0 build 1) on x86_64", "7.0.0 build 1", Family.GREENPLUM),
        ("PostgreSQL 14.4 (Apache Cloudberry 2.0.0) on x86_64", None, Family.GREENPLUM),
        ("PostgreSQL 12.12 (AnalyticDB PostgreSQL 7.2) on x86_64", "7.2", Family.ANALYTICDB),
    ],
)
def test_family(version: str, setting: str | None, expected: Family) -> None:
    assert family(version, setting) is expected
