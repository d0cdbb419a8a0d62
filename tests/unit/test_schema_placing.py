"""Where a table lives, and what is refused because no segment could check it."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.config import (
    DistributionOptions,
    DistributionRule,
    KeyOutsideDistribution,
    StorageOptions,
)
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import (
    RANDOMLY,
    REPLICATED,
    Distribution,
    Status,
    Storage,
    StorageEngine,
    distributed_by,
)
from airflow_adbsync.engine.schema.ddl.widening import widened
from airflow_adbsync.engine.schema.definitions import TableDefinition
from airflow_adbsync.engine.schema.distributing import choose, outside
from airflow_adbsync.engine.schema.placement import Engines, Placements, SourcePlacement, UniqueKey
from airflow_adbsync.engine.schema.placing import place
from tests.unit.schema_drafts import GREENPLUM, table

PRIMARY = UniqueKey(1, "pk", ("a", "b"), primary=True)
IDENTITY = UniqueKey(2, "identity", ("b", "c"), identity=True)
WHOLE = UniqueKey(3, "whole", ("c",))
PARTIAL = UniqueKey(4, "partial", ("d",), whole=False)
EXPRESSION = UniqueKey(5, "expression", (), whole=False)


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        ((), RANDOMLY),
        ((EXPRESSION,), RANDOMLY),
        ((PARTIAL,), distributed_by("d")),
        ((PARTIAL, WHOLE), distributed_by("c")),
        ((WHOLE, IDENTITY), distributed_by("c")),
        ((IDENTITY,), distributed_by("b", "c")),
        ((WHOLE, PRIMARY), distributed_by("a", "b")),
        ((IDENTITY, PRIMARY), distributed_by("b")),
    ],
)
def test_the_key_that_is_chosen(keys: tuple[UniqueKey, ...], chosen: Distribution) -> None:
    assert choose(DistributionRule.KEEP, None, keys).distribution == chosen


def test_what_is_said_goes_before_what_the_source_has_and_that_before_the_keys() -> None:
    own = distributed_by("z")

    assert choose(("x", "y"), own, (PRIMARY,)).distribution == distributed_by("x", "y")
    assert choose(DistributionRule.REPLICATED, own, (PRIMARY,)).distribution == REPLICATED
    assert choose(DistributionRule.RANDOMLY, own, (PRIMARY,)).distribution == RANDOMLY
    assert choose(DistributionRule.KEEP, own, (PRIMARY,)).distribution == own
    assert choose(DistributionRule.KEY, own, (PRIMARY,)).distribution == distributed_by("a", "b")


def test_columns_that_can_not_be_hashed_are_passed_over() -> None:
    part = choose(DistributionRule.KEY, None, (PRIMARY,), frozenset({"a"}))
    none = choose(DistributionRule.KEY, None, (PRIMARY,), frozenset({"a", "b"}))

    assert (part.distribution, part.why) == (
        distributed_by("b"),
        "by what of their primary key can be hashed",
    )
    assert (none.distribution, none.why) == (RANDOMLY, "RANDOMLY, for values of their key can't be hashed")


def test_keys_that_no_segment_could_check() -> None:
    assert outside(distributed_by("b"), (PRIMARY, IDENTITY, WHOLE)) == (WHOLE,)
    assert outside(REPLICATED, (PRIMARY, EXPRESSION)) == ()
    assert outside(RANDOMLY, (PRIMARY,)) == (PRIMARY,)


def placed(
    *keys: UniqueKey,
    distribution: DistributionOptions | None = None,
    storage: StorageOptions | None = None,
    of: TableDefinition | None = None,
) -> Placements:
    engines = Engines(frozenset({"heap", "ao_row"}), frozenset({"heap"}))
    options = (distribution or DistributionOptions(), storage or StorageOptions())
    return place([of or table()], SourcePlacement({1: keys}), options, GREENPLUM, engines)


def refusal(placements: Placements) -> str:
    with pytest.raises(ConfigError) as error:
        placements.raise_if_refused()
    return str(error.value)


ID = UniqueKey(1, "t_pkey", ("id",), primary=True)
NAME = UniqueKey(2, "t_name", ("name",))


def test_a_unique_key_beside_the_primary_key_is_refused_with_the_ways_out() -> None:
    said = refusal(placed(ID, NAME))

    assert (
        "public.t: its unique key t_name (name) can't be checked where rows are DISTRIBUTED BY (id)" in said
    )
    assert (
        "`distribution.tables.public.t` to replicated, or `distribution.other_keys` to widen or leave_out"
        in said
    )


def test_a_unique_key_is_widened_or_left_out_on_request() -> None:
    wider = placed(ID, NAME, distribution=DistributionOptions(other_keys=KeyOutsideDistribution.WIDEN))
    fewer = placed(ID, NAME, distribution=DistributionOptions(other_keys=KeyOutsideDistribution.LEAVE_OUT))

    assert (wider.widened, wider.left_out) == ({2: ("id",)}, frozenset())
    assert (fewer.widened, fewer.left_out) == ({}, frozenset({2}))
    for placements in (wider, fewer):
        placements.raise_if_refused()
        assert Status.ALERT in {finding.status for finding in placements.findings}
        assert not placements.names_rows(2)
        assert any(
            'SELECT "name", count(*) FROM "public"."t" WHERE ("name") IS NOT NULL GROUP BY "name" '
            "HAVING count(*) > 1;" in finding.remedy
            for finding in placements.findings
        )
        assert placements.names_rows(1)


@pytest.mark.parametrize("rule", KeyOutsideDistribution)
def test_a_primary_key_is_never_touched(rule: KeyOutsideDistribution) -> None:
    options = DistributionOptions(tables={"public.t": ["other"]}, other_keys=rule)
    of = table(columns=(*table().columns, *table().columns))

    said = refusal(placed(ID, distribution=options, of=of))

    assert "its primary key (id) can't be checked where rows are DISTRIBUTED BY (other)" in said
    assert "to columns of it, [id] or some of these, or to replicated" in said
    assert "it has no column other to be distributed by" in said


def test_a_keyless_table_gets_a_key_only_where_one_was_given() -> None:
    given = DistributionOptions(tables={"public.t": ["id"]}, as_primary_key=True)

    assert placed(distribution=given).place(1).primary_key == ("id",)
    assert placed(distribution=DistributionOptions(as_primary_key=True)).place(1).primary_key == ()
    assert (
        placed(NAME, distribution=given.model_copy(update={"other_keys": "widen"})).place(1).primary_key == ()
    )


def test_a_table_that_is_not_the_syncs_is_refused() -> None:
    said = refusal(placed(ID, distribution=DistributionOptions(tables={"public.other": ["id"]})))

    assert "`distribution.tables` names public.other, which is no table of the sync" in said


def test_a_keyless_table_that_is_replicated_can_only_grow() -> None:
    options = DistributionOptions(default=DistributionRule.REPLICATED)

    (said,) = [item for item in placed(distribution=options).findings if item.status is Status.ALERT]

    assert "changed and deleted ones can't" in said.found
    assert Status.ALERT not in {item.status for item in placed(ID, distribution=options).findings}


def test_a_table_without_columns_is_refused() -> None:
    assert "public.t: it has no column that could be copied there. Exclude it." in refusal(
        placed(of=table(columns=()))
    )


def test_an_engine_that_the_target_lacks_is_refused() -> None:
    said = refusal(placed(storage=StorageOptions(default="beam")))  # type: ignore[arg-type]

    assert "the target has no storage engine beam (it has ao_row, heap)" in said
    assert "`storage.tables.public.t`" in said


def test_an_engine_without_keys_is_refused_by_name_and_passed_over_by_default() -> None:
    by_name = placed(ID, storage=StorageOptions(tables={"public.t": "ao_row"}))  # type: ignore[dict-item]
    by_default = placed(ID, storage=StorageOptions(default="ao_row"))  # type: ignore[arg-type]

    assert "ao_row tables hold no primary or unique key on the target" in refusal(by_name)
    by_default.raise_if_refused()
    assert by_default.place(1).storage == Storage(StorageEngine.HEAP)
    assert placed(storage=StorageOptions(default="ao_row")).place(1).storage == Storage(  # type: ignore[arg-type]
        StorageEngine.AO_ROW
    )


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("UNIQUE (a, b)", 'UNIQUE (a, b, "id")'),
        (
            'UNIQUE NULLS NOT DISTINCT ("a)(""b") DEFERRABLE',
            'UNIQUE NULLS NOT DISTINCT ("a)(""b", "id") DEFERRABLE',
        ),
        ("UNIQUE (a) INCLUDE (b)", 'UNIQUE (a, "id") INCLUDE (b)'),
        (
            """CREATE UNIQUE INDEX "i(" ON s."t)" USING btree (f(a, ')'), b DESC) WHERE (c = '(')""",
            """CREATE UNIQUE INDEX "i(" ON s."t)" USING btree (f(a, ')'), b DESC, "id") WHERE (c = '(')""",
        ),
    ],
)
def test_a_key_is_widened_where_its_columns_stand(definition: str, expected: str) -> None:
    assert widened(definition, ["id"]) == expected
