"""A managed service's job becomes the configuration that a person would have written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.errors import ConfigError

WHO = {"sync_id": "job", "source": "prod", "target": "warehouse"}

# Every key that the service documents for a database of the PostgreSQL family.
DB_LIST: dict[str, Any] = {
    "shop": {
        "name": "store",
        "all": False,
        "dml_op": "i,u,d",
        "Table": {
            "orders": {
                "name": "purchases",
                "all": False,
                "filter": "id>10",
                "dml_op": "i,u",
                "ddl_op": "alter table add column",
                "primary_key": "id",
                "part_key": "id,region",
                "column": {"id": {"name": "order_id"}, "region": {"name": "region"}, "total": {"shard": 3}},
            },
            "customers": {"name": "customers", "all": True},
            "log_[0-9]+": {"all": True, "patternType": "REGEX"},
            "tmp_*": {"patternType": "FNMATCH", "filterType": "BLACK"},
        },
        "View": {"totals": {"name": "totals"}},
        "Sequence": {"orders_id_seq": {}},
    },
    "audit": {"name": "audit", "all": True},
    "rest": {"filterType": "BLACK", "all": False, "Table": {"secret": {}}},
}
RESERVE = {
    "targetTableMode": "2",
    "conflict": "overwrite",
    "dbListCaseChangeMode": "dest_lower",
    "maxRetryTime": "43200",
    "autoStartModulesAfterConfig": "auto",
    "etlOperatorCtl": "Y",
}
AS_WRITTEN = {
    **WHO,
    "objects": {
        "schemas": ["audit", "rest"],
        "tables": ["shop.orders", "shop.customers"],
        "matching": [r"shop\.(?:log_[0-9]+)"],
        "exclude": ["rest.secret"],
        "excluding": [r"shop\.(?s:tmp_.*)\Z"],
    },
    "names": {"case": "lower", "schemas": {"shop": "store"}},
    "tables": {
        "shop.orders": {
            "name": "purchases",
            "where": "id>10",
            "only": ["id", "region", "total"],
            "columns": {"id": "order_id"},
            "primary_key": ["id"],
            "operations": ["insert", "update"],
        }
    },
    "distribution": {"tables": {"shop.orders": ["id", "region"]}},
    "schema": {"existing": "ignore"},
    "load": {"retry_connections_for": "720 min"},
    "incremental": {"ddl": "add_columns", "on_conflict": "overwrite", "retry_for": "720 min"},
}


def test_a_job_with_every_documented_key() -> None:
    config, left_out = SyncConfig.from_dts(json.dumps(DB_LIST), json.dumps(RESERVE), **WHO)
    assert config == SyncConfig.model_validate(AS_WRITTEN)
    assert left_out == (
        "column total of table shop.orders: shard",
        "ddl_op: of DDL on the source only new columns are carried",
        "view shop.totals: select the schema, with which it comes along",
        "sequence shop.orders_id_seq: select the schema, with which it comes along",
        "setting etlOperatorCtl: Y",
    )


def test_the_older_form() -> None:
    job = [
        {
            "DBName": "prod",
            "SchemaName": "shop",
            "NewSchemaName": "store",
            "AllTable": False,
            "TableIncludes": [
                {
                    "TableName": "orders",
                    "NewTableName": "purchases",
                    "FilterCondition": "id > 10;",
                    "PrimaryKey": "id",
                    "PartKey": "id",
                    "ColumnIncludes": [
                        {"ColumnName": "id", "NewColumnName": "order_id"},
                        {"ColumnName": "n"},
                    ],
                    "ColumnExcludes": [{"ColumnName": "note"}],
                }
            ],
        },
        {"DBName": "prod", "SchemaName": "audit", "AllTable": True, "TableExcludes": [{"TableName": "old"}]},
    ]
    config, left_out = SyncConfig.from_dts(job, **WHO)
    assert config == SyncConfig.model_validate(
        {
            **WHO,
            "objects": {"schemas": ["audit"], "tables": ["shop.orders"], "exclude": ["audit.old"]},
            "names": {"schemas": {"shop": "store"}},
            "tables": {
                "shop.orders": {
                    "name": "purchases",
                    "where": "id > 10",
                    "only": ["id", "n"],
                    "columns": {"id": "order_id"},
                    "primary_key": ["id"],
                }
            },
            "distribution": {"tables": {"shop.orders": ["id"]}},
        }
    )
    assert left_out == ("table shop.orders: ColumnExcludes",)


def test_all_is_true_where_nothing_is_said_and_its_operations_hold_for_every_table() -> None:
    config, left_out = SyncConfig.from_dts({"a": {"dml_op": "i"}, "b": {"dml_op": "i,d"}}, **WHO)
    assert config.objects.schemas == ("a", "b")
    assert config.incremental.operations == ("insert",)
    assert left_out == ("schema b: dml_op i,d, where other schemas have another one",)


@pytest.mark.parametrize(
    ("minutes", "seconds"), [("10", 600), ("1440", 86_400), ("7200", 7_200), ("43200", 43_200)]
)
def test_a_retry_time_over_a_day_of_minutes_is_seconds(minutes: str, seconds: int) -> None:
    config, _ = SyncConfig.from_dts({"a": {}}, {"maxRetryTime": minutes}, **WHO)
    assert config.incremental.retry_for.total_seconds() == seconds


@pytest.mark.parametrize(
    ("db_list", "reserve", "said"),
    [
        ("{", "", "`DbList` can't be read: not JSON"),
        ("3", "", "`DbList` can't be read: no JSON object"),
        ('{"a": 1}', "", "schema a is no JSON object"),
        ("[{}]", "", "neither SchemaName nor DBName"),
        ('{"a": {}}', "[1]", "`Reserve` can't be read"),
        ("{}", "", "nothing is selected"),
    ],
)
def test_what_is_no_job_is_refused(db_list: str, reserve: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        SyncConfig.from_dts(db_list, reserve, **WHO)
