"""The statements by which tables are compared."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.model import Column, Key, QualifiedName, Relation, RelationKind
from airflow_adbsync.engine.shape import Shapes
from airflow_adbsync.engine.verify.compared import Compared, compared
from airflow_adbsync.engine.verify.portions import Portion, can_be_cut, cut
from airflow_adbsync.engine.verify.rows import row_text
from airflow_adbsync.engine.verify.statements import Hashing, RowHash

WHOLE = Portion()
UTF8_16, UTF8_18, LATIN_16, UTF8_9 = ("UTF8", 160014), ("UTF8", 180004), ("LATIN1", 160014), ("UTF8", 90426)
COLUMNS = (
    Column("Id", "integer", not_null=True),
    Column("note", "text"),
    Column("tags", "text[]"),
    Column("total", "numeric(12,2)", generated=True),
)
KEYS = (Key("bills_pkey", ("Id",), primary=True),)


def bills(columns: tuple[Column, ...] = COLUMNS, name: str = "Bills", **more: object) -> Relation:
    return Relation(QualifiedName("public", name), RelationKind.TABLE, columns, **{"keys": KEYS, **more})


def shaped(target: Relation, tables: dict[str, object], **hashing: object) -> Compared:
    config = SyncConfig.model_validate(
        {
            "sync_id": "s",
            "source": "a",
            "target": "b",
            "objects": {"schemas": ["public"]},
            "tables": {"public.Bills": tables} if tables else {},
        }
    )
    return compared(bills(), target, Shapes(config).of(bills()), Hashing(**hashing))


def test_every_column_is_compared_and_inheriting_tables_stay_out() -> None:
    plain = shaped(bills(), {})
    hashed = (
        "hashtextextended((concat(\"Id\", ',', octet_length(\"note\"), ',', \"note\", ',', \"total\", ',')"
        ' || ROW("tags")::text) COLLATE "C", 0)'
    )
    assert plain.source.fingerprint(WHOLE) == (
        f'SELECT count(*), coalesce(sum({hashed}), 0)::text FROM ONLY "public"."Bills"'
    )
    assert plain.source == plain.target
    assert plain.written == ('"Id"', '"note"', '"tags"')
    assert plain.can_be_cut


def test_the_source_is_read_through_the_shape() -> None:
    columns = (
        Column("no", "bigint", not_null=True),
        Column("note", "text"),
        Column("total", "numeric(12,2)", generated=True),
        Column("origin", "text"),
    )
    found = shaped(
        bills(columns, "invoices"),
        {
            "name": "invoices",
            "where": '"Id" > 10',
            "columns": {
                "Id": {"name": "no", "type": "bigint"},
                "tags": False,
                "note": {"value": "lower(note)"},
            },
            "extra": {"origin": {"type": "text", "value": "'eu'"}},
        },
        row_hash=RowHash.MD5,
    )
    assert found.source.values == ('("Id")::bigint', "(lower(note))::text", '"total"', "('eu')::text")
    assert found.target.values == ('"no"', '"note"', '"total"', '"origin"')
    assert found.source.count(WHOLE) == (
        'SELECT count(*), \'\'::text FROM ONLY "public"."Bills" WHERE ("Id" > 10)'
    )
    assert found.target.count(WHOLE) == 'SELECT count(*), \'\'::text FROM ONLY "public"."invoices"'
    assert (found.source.key, found.target.key) == (('"Id"::bigint',), ('"no"',))
    assert found.source.key_types == found.target.key_types == ("bigint",)
    # A range of a computed key would be read from the whole table.
    assert not found.can_be_cut
    assert found.written == ('"no"', '"note"', '"origin"')
    assert found.brought == ('("Id")::bigint', "(lower(note))::text", "('eu')::text")


def test_names_are_written_as_constants_whatever_they_hold() -> None:
    text = bills((Column("k", "text", not_null=True),), keys=(Key("k", ("k",), primary=True),))
    shape = Shapes(SyncConfig(sync_id="s", source="a", target="b", objects={"schemas": ["public"]})).of(text)
    reading = compared(text, text, shape, Hashing()).target
    assert reading.delete([("a'b\"c\\d,%s{}",), ("",)]) == (
        'DELETE FROM ONLY "public"."Bills" WHERE ("k") IN (SELECT w0::text FROM unnest('
        '\'{"a\'\'b\\"c\\\\d,%s{}",""}\'::text[]) AS w (w0))'
    )


def test_portions_leave_no_key_out() -> None:
    first, second, last = cut([("10",), ("20",), ("20",)])
    key, types = ['"id"'], ["integer"]
    assert first.conditions(key, types, "h") == ["\"id\" < '10'::integer"]
    assert second.conditions(key, types, "h") == ["\"id\" >= '10'::integer", "\"id\" < '20'::integer"]
    assert last.conditions(key, types, "h") == ["\"id\" >= '20'::integer"]
    assert cut([]) == (WHOLE,)
    pair = Portion(lower=("1", "2026-01-01"))
    assert pair.conditions(['"a"', '"b"'], ["bigint", "date"], "h") == [
        "(\"a\", \"b\") >= ('1'::bigint, '2026-01-01'::date)"
    ]
    assert Portion(percent=50).conditions(key, types, "h") == ["(h & 1023) < 512"]


def test_keys_whose_order_depends_on_the_server_are_not_cut() -> None:
    assert can_be_cut(["integer", "timestamp(3) with time zone", "numeric(12,2)"])
    assert not can_be_cut(["integer", "text"])
    assert not can_be_cut([])


def test_a_row_of_many_columns_is_put_together_from_parts() -> None:
    values, types = [f"c{n}" for n in range(150)], ["integer"] * 150
    text = row_text(values, types)
    assert text.count("concat(") == 4
    assert all(f"{value}, ','" in text for value in values)


def test_a_row_without_columns_has_a_text_too() -> None:
    assert row_text([], []) == "ROW()::text"


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (UTF8_16, UTF8_18, Hashing(RowHash.TEXT)),
        (LATIN_16, UTF8_18, Hashing(RowHash.MD5)),
        (LATIN_16, LATIN_16, Hashing(RowHash.TEXT)),
        (UTF8_9, UTF8_18, Hashing(RowHash.MD5, floats=False)),
        (UTF8_16, ("UTF8", 110000), Hashing(RowHash.TEXT, floats=False)),
    ],
)
def test_the_hash_means_the_same_on_both_sides(
    source: tuple[str, int], target: tuple[str, int], expected: Hashing
) -> None:
    assert Hashing.between(source, target) == expected


def test_floats_are_taken_by_their_bits_where_a_server_writes_them_otherwise() -> None:
    assert Hashing(RowHash.MD5, floats=False).of_row(["x", "y"], ["real", "text"]) == (
        "('x' || substr(md5(convert_to(ROW(encode(float4send(x), 'hex'), y)::text, 'UTF8')), 1, 16))"
        "::bit(64)::bigint"
    )
