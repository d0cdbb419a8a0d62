"""The fingerprint's statement, and what a verification says."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.errors import VerificationMismatch
from airflow_adbsync.engine.model import Column, QualifiedName, Relation, RelationKind
from airflow_adbsync.engine.state.verifications import TableVerification
from airflow_adbsync.engine.verify import raise_on_mismatch, render
from airflow_adbsync.engine.verify.statements import RowHash, choose_hash, fingerprint

COLUMNS = (Column("Id", "integer"), Column("total", "numeric", generated=True))
UTF8_16, UTF8_18, LATIN_16, UTF8_9 = ("UTF8", 160014), ("UTF8", 180004), ("LATIN1", 160014), ("UTF8", 90426)


def result(name: str, source: int, target: int, checksum: str = "7", behind: int = 0) -> TableVerification:
    return TableVerification(QualifiedName.parse(name), source, target, "7", checksum, behind)


def test_the_statement_names_every_column_and_leaves_inheriting_tables_out() -> None:
    relation = Relation(QualifiedName("public", "Bills"), RelationKind.TABLE, COLUMNS)
    assert fingerprint(relation, RowHash.TEXT) == (
        'SELECT count(*), coalesce(sum(hashtextextended(ROW("Id", "total")::text COLLATE "C", 0)), 0)::text '
        'FROM ONLY "public"."Bills"'
    )


def test_a_column_named_like_a_placeholder_stays_what_it_is() -> None:
    relation = Relation(QualifiedName("s", "t"), RelationKind.PARTITIONED, (Column("{row}", "text"),))
    assert fingerprint(relation, RowHash.MD5) == (
        "SELECT count(*), coalesce(sum(('x' || substr(md5(convert_to(ROW(\"{row}\")::text, 'UTF8')), 1, 16))"
        '::bit(64)::bigint), 0)::text FROM "s"."t"'
    )


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (UTF8_16, UTF8_18, RowHash.TEXT),
        (LATIN_16, UTF8_18, RowHash.MD5),
        (LATIN_16, LATIN_16, RowHash.TEXT),
        (UTF8_9, UTF8_18, RowHash.MD5),
        (UTF8_16, UTF8_9, RowHash.MD5),
    ],
)
def test_the_hash_means_the_same_on_both_sides(
    source: tuple[str, int], target: tuple[str, int], expected: RowHash
) -> None:
    assert choose_hash(source, target) is expected


def test_equal_tables_raise_nothing() -> None:
    raise_on_mismatch([result("a.b", 1, 1)])
    raise_on_mismatch([])


def test_the_error_names_tables_rows_and_remedy() -> None:
    with pytest.raises(VerificationMismatch) as caught:
        raise_on_mismatch([result("a.same", 5, 5), result("a.less", 9, 8, "6"), result("a.other", 3, 3, "6")])
    assert caught.value.what == (
        "2 of 3 tables differ: a.less (source 9 rows, target 8); a.other (3 rows on both sides, different "
        "contents). The target was not behind the source."
    )
    assert "what else writes to these tables on the target" in caught.value.remedy


def test_the_error_says_that_the_source_was_ahead() -> None:
    with pytest.raises(VerificationMismatch) as caught:
        raise_on_mismatch([result("a.less", 9, 8, "6", behind=4096)])
    assert "still ahead of the target, by 4096 bytes of WAL" in caught.value.what
    assert "catch up" in caught.value.remedy


def test_many_differences_are_counted_not_listed() -> None:
    with pytest.raises(VerificationMismatch, match="and 480 more"):
        raise_on_mismatch([result(f"a.t{n}", 1, 2) for n in range(500)])


def test_render() -> None:
    assert render([result("shop.orders", 1200, 1200), result("shop.x", 3, 14, "6")]) == (
        "table        source rows  target rows  checksum\n"
        "shop.orders         1200         1200         7  equal\n"
        "shop.x                 3           14   differs  DIFFERENT"
    )
