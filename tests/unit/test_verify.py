"""What a verification says."""

from __future__ import annotations

import csv
import io

import pytest

from airflow_adbsync.engine.config import SyncConfig, VerifyMode, VerifyOptions
from airflow_adbsync.engine.errors import ConfigError, VerificationMismatch
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state.verifications import DifferingRow, TableVerification
from airflow_adbsync.engine.verify import raise_on_mismatch, render, to_csv

SAME = TableVerification(QualifiedName("a", "same"), 5, 5, "7", "7", compared=5)
LESS = TableVerification(
    QualifiedName("a", "less"),
    9,
    8,
    "7",
    "6",
    compared=9,
    missing_on_target=1,
    keys=(DifferingRow("missing on target", "id=4"),),
)
OTHER = TableVerification(
    QualifiedName("a", "other"),
    3,
    3,
    "7",
    "6",
    compared=3,
    differing=2,
    repaired=1,
    keys=(
        DifferingRow("different", "id=1", True),
        DifferingRow("different", "=1+1"),
        DifferingRow("different", "id=3"),
    ),
)
WAITED = TableVerification(QualifiedName("a", "waited"), 9, 9, "7", "6", compared=9, unsettled=2, behind=4096)
RESTLESS = TableVerification(QualifiedName("a", "restless"), 1, 1, "7", "7", compared=1, unsettled=1)


def test_equal_tables_raise_nothing_nor_do_rows_that_never_stand_still() -> None:
    raise_on_mismatch([SAME, RESTLESS])
    raise_on_mismatch([])


def test_the_error_names_tables_rows_and_remedy() -> None:
    with pytest.raises(VerificationMismatch) as caught:
        raise_on_mismatch([SAME, LESS, OTHER])
    assert caught.value.what == (
        "2 of 3 tables differ: a.less (of 9 rows 1 are missing on the target, e.g. id=4); "
        "a.other (of 3 rows 2 differ, e.g. id=1; =1+1; id=3)."
    )
    assert "what else writes to these tables on the target" in caught.value.remedy
    assert "repair: true" in caught.value.remedy


def test_the_error_says_that_the_source_was_ahead() -> None:
    with pytest.raises(VerificationMismatch) as caught:
        raise_on_mismatch([WAITED])
    assert "2 could not be settled" in caught.value.what
    assert "still ahead of the target, by 4096 bytes of WAL" in caught.value.what
    assert "catch up" in caught.value.remedy


def test_many_differences_are_counted_not_listed() -> None:
    many = [TableVerification(QualifiedName("a", f"t{n}"), 1, 2, "7", "7") for n in range(500)]
    with pytest.raises(VerificationMismatch, match="and 480 more"):
        raise_on_mismatch(many)


def test_render() -> None:
    assert render([SAME, LESS, RESTLESS]) == (
        "table       rows  differ  not on target  not on source  unsettled  repaired    s\n"
        "a.same         5       0              0              0          0         0  0.0  equal\n"
        "a.less         9       0              1              0          0         0  0.0  DIFFERENT\n"
        "a.restless     1       0              0              0          1         0  0.0  equal"
    )


def test_csv_has_a_line_for_each_table_and_each_row_and_no_formula() -> None:
    lines = list(csv.DictReader(io.StringIO(to_csv([SAME, OTHER, WAITED]))))
    assert [(line["table"], line["verdict"], line["row"], line["row_repaired"]) for line in lines] == [
        ("a.same", "equal", "", ""),
        ("a.other", "different", "", ""),
        ("a.other", "", "id=1", "yes"),
        ("a.other", "", "'=1+1", "no"),
        ("a.other", "", "id=3", "no"),
        ("a.waited", "unsettled", "", ""),
    ]
    assert (lines[1]["differing"], lines[1]["repaired"], lines[2]["differing"]) == ("2", "1", "")


def test_options_are_read_and_replaced() -> None:
    config = SyncConfig.model_validate(
        {
            "sync_id": "s",
            "source": "a",
            "target": "b",
            "objects": {"schemas": ["public"]},
            "verify": {"mode": "sampled", "sample": 20, "tables": ["public.t"], "settle": "1min"},
        }
    )
    options = config.verify.replaced(mode="full", repair="true")
    assert (options.mode, options.repair, options.sample) == (VerifyMode.FULL, True, 20)
    assert options.table_names == (QualifiedName("public", "t"),)
    with pytest.raises(ConfigError, match="`sample`"):
        VerifyOptions().replaced(sample=5)
    with pytest.raises(ConfigError, match="`mode`"):
        VerifyOptions().replaced(mode="all")
