"""What comes along with a sync's tables, what is left out, and what is said about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from airflow_adbsync.engine.config import Objects, SchemaOptions
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import Family, QualifiedName, Server, Status
from airflow_adbsync.engine.schema.belonging import Belonging, belonging, omitted
from airflow_adbsync.engine.schema.definitions import Dependencies
from airflow_adbsync.engine.schema.findings import Beside, Surroundings, Wishes, assess
from airflow_adbsync.engine.schema.identity import ObjectId
from airflow_adbsync.engine.schema.inventory import Inventory, Item, SequenceOwner
from airflow_adbsync.engine.schema.kind import Kind
from airflow_adbsync.engine.schema.target import Target

_CATALOGS = {
    "r": "pg_class",
    "p": "pg_class",
    "v": "pg_class",
    "m": "pg_class",
    "S": "pg_class",
    "f": "pg_class",
}


def item(oid: int, name: str, letter: str, catalog: str = "", **more: object) -> Item:
    return Item(ObjectId(catalog or _CATALOGS[letter], oid), QualifiedName.parse(name), letter, **more)  # type: ignore[arg-type]


ORDERS = item(1, "shop.orders", "r")
OUTSIDE = item(2, "other.outside", "r")
ROOT = item(3, "shop.events", "p")
PART = item(4, "parts.events_1", "r", partition=True)
SUBPART = item(5, "parts.events_1a", "r", partition=True)
UNLOGGED = item(6, "shop.cache", "r", detail="u")
FOREIGN = item(7, "shop.remote", "f")
EXCLUDED = item(8, "shop.excluded", "r")
CHILD = item(9, "other.child", "r")

MOOD = item(20, "other.mood", "e", "pg_type")
UNUSED = item(21, "other.unused", "e", "pg_type")
BASE_TYPE = item(22, "shop.base", "b", "pg_type")
VECTOR = item(23, "public.vector", "b", "pg_type", extension="vector")

DEFAULT = item(30, "other.next_code", "f", "pg_proc", detail="plpgsql")
INNER = item(31, "deep.inner", "f", "pg_proc", detail="sql")
IN_C = item(32, "shop.fast", "f", "pg_proc", detail="c")
OF_OUTSIDE = item(33, "shop.of_outside", "f", "pg_proc", detail="sql", arguments="other.outside")
SUM = item(34, "shop.total", "a", "pg_proc", detail="internal")

VIEW = item(40, "shop.report", "v")
ON_OUTSIDE = item(41, "shop.on_outside", "v")
ON_VIEW = item(42, "shop.on_view", "v")
WITH_C = item(43, "shop.with_c", "v")
MATERIALIZED = item(44, "shop.totals", "m")

SERIAL = item(50, "shop.orders_id_seq", "S")
OF_EXCLUDED = item(51, "shop.excluded_id_seq", "S")
FREE = item(52, "shop.free", "S")
IDENTITY = item(53, "shop.events_id_seq", "S")
FAR = item(54, "other.far", "S")

TRIGGER = item(60, "shop.touch", "trigger", "pg_trigger", arguments="shop.orders", owner=1)
OF_C = item(61, "shop.fast_one", "trigger", "pg_trigger", arguments="shop.orders", owner=1)
ELSEWHERE = item(62, "other.touch", "trigger", "pg_trigger", arguments="other.outside", owner=2)
RULE = item(63, "shop.stay", "rule", "pg_rewrite", arguments="shop.report", owner=40)
POLICY = item(64, "shop.mine", "policy", "pg_policy", arguments="shop.orders", owner=1, roles=("clerk",))
STATISTICS = item(65, "other.both", "statistics", "pg_statistic_ext", owner=1)
OPERATOR = item(66, "shop.===", "operator", "pg_operator", arguments="text, text")
CLASS = item(67, "shop.ops", "operator class", "pg_opclass", arguments="btree")
CAST = Item(ObjectId("pg_cast", 68), QualifiedName("shop", "integer AS shop.pair"), "cast", detail="b")

ITEMS = [value for value in list(globals().values()) if isinstance(value, Item)]
MOODS = ObjectId("pg_type", 120)
ORDERS_DEFAULT = ObjectId("pg_attrdef", 121)

INVENTORY = Inventory(
    items={one.id: one for one in ITEMS},
    dependencies=Dependencies(
        needs=(
            (ORDERS.id, MOODS),
            (ORDERS_DEFAULT, DEFAULT.id),
            (DEFAULT.id, INNER.id),
            (DEFAULT.id, FAR.id),
            (VIEW.id, ORDERS.id),
            (ON_OUTSIDE.id, OUTSIDE.id),
            (ON_VIEW.id, ON_OUTSIDE.id),
            (WITH_C.id, IN_C.id),
            (OF_OUTSIDE.id, OUTSIDE.id),
            (ROOT.id, VECTOR.id),
            (EXCLUDED.id, OF_EXCLUDED.id),
            (TRIGGER.id, ORDERS.id),
            (OF_C.id, IN_C.id),
            (RULE.id, VIEW.id),
            (POLICY.id, ORDERS.id),
        ),
        part_of={MOODS: MOOD.id, ORDERS_DEFAULT: ORDERS.id},
    ),
    parents={PART.id.oid: (ROOT.id.oid,), SUBPART.id.oid: (PART.id.oid,), CHILD.id.oid: (ORDERS.id.oid,)},
    sequence_owners={
        SERIAL.id.oid: SequenceOwner(ORDERS.id.oid, "id", False),
        OF_EXCLUDED.id.oid: SequenceOwner(EXCLUDED.id.oid, "id", False),
        IDENTITY.id.oid: SequenceOwner(ROOT.id.oid, "id", True),
    },
)
TABLES = (ORDERS.name, ROOT.name)
TARGET = Target(capabilities(Server(Family.POSTGRESQL, 180000, "", "", 0, "db")), roles=frozenset({"clerk"}))
OLD = replace(TARGET, can=capabilities(Server(Family.POSTGRESQL, 130000, "", "", 0, "db")))


def names(found: Iterable[ObjectId]) -> set[str]:
    return {str(INVENTORY.items[id_].name) for id_ in found}


def chosen(tables: Iterable[QualifiedName] = TABLES, schemas: Iterable[str] = ("shop",)) -> Belonging:
    return belonging(INVENTORY, tables, schemas, TARGET)


def test_a_schema_brings_its_objects_and_what_they_need_from_elsewhere() -> None:
    assert names(chosen().members) == {
        "shop.orders",
        "shop.events",
        "parts.events_1",
        "parts.events_1a",
        "other.mood",
        "other.next_code",
        "deep.inner",
        "other.far",
        "shop.total",
        "shop.report",
        "shop.totals",
        "shop.orders_id_seq",
        "shop.free",
        "shop.touch",
        "shop.stay",
        "shop.mine",
        "other.both",
        "shop.===",
        "shop.ops",
        'shop."integer AS shop.pair"',
    }


def test_single_tables_bring_only_what_they_need() -> None:
    assert names(chosen([ORDERS.name], []).members) == {
        "shop.orders",
        "other.mood",
        "other.next_code",
        "deep.inner",
        "other.far",
        "shop.touch",
        "shop.mine",
        "other.both",
    }


def test_what_is_left_out_says_why() -> None:
    reasons = {str(left.item): left.reason for left in chosen().left_out}

    assert reasons == {
        "function shop.fast()": "it is written in C",
        'trigger "fast_one" on shop.orders': "it needs function shop.fast(), which is not carried",
        "function shop.of_outside(other.outside)": "it needs table other.outside, which is not carried",
        "type shop.base": "it is a base type, written in C",
        "view shop.on_outside": "it needs table other.outside, which is not carried",
        "view shop.on_view": "it needs view shop.on_outside, which is not carried",
        "view shop.with_c": "it needs function shop.fast(), which is not carried",
    }


def test_a_table_that_needs_what_is_not_carried_is_carried_and_in_doubt() -> None:
    needy = Inventory(
        items=INVENTORY.items,
        dependencies=Dependencies(needs=((ORDERS.id, IN_C.id), (VIEW.id, ORDERS.id))),
    )
    found = belonging(needy, [ORDERS.name], ["shop"], TARGET)

    assert ORDERS.id in found.members
    assert [left.item for left in found.in_doubt] == [ORDERS]
    assert VIEW.id in found.members


def test_what_only_a_superuser_makes_and_what_needs_roles_depends_on_the_target() -> None:
    poor = replace(TARGET, superuser=False, roles=frozenset())
    left = belonging(INVENTORY, TABLES, ["shop"], poor).left_out
    reasons = {str(one.item): one.reason for one in left}

    assert "superuser" in reasons["operator class shop.ops using btree"]
    assert "superuser" in reasons["cast (integer AS shop.pair)"]
    assert reasons['policy "mine" on shop.orders'] == "the target has no role clerk"
    assert "operator shop.=== (text, text)" not in reasons


def test_triggers_and_rules_stay_behind_where_the_configuration_says_so() -> None:
    kinds = omitted(SchemaOptions.model_validate({"triggers": "omit"}))
    members = belonging(INVENTORY, TABLES, ["shop"], TARGET, kinds).members

    assert kinds == {Kind.TRIGGER, Kind.RULE}
    assert not {TRIGGER.id, RULE.id} & members
    assert POLICY.id in members
    assert not omitted(SchemaOptions())


def findings(
    surroundings: Surroundings = Surroundings(),  # noqa: B008
    target: Target = TARGET,
    options: SchemaOptions = SchemaOptions(),  # noqa: B008
    **objects: object,
) -> dict[str, str]:
    config = Objects.model_validate(objects or {"schemas": ["shop"], "exclude": ["shop.excluded"]})
    found = assess(INVENTORY, chosen(), surroundings, Wishes(config, target, options))
    assert all(one.status is Status.ALERT and one.remedy for one in found)
    return {one.subject: one.found for one in found}


def test_findings_tell_what_is_not_carried() -> None:
    said = findings()

    assert said["view shop.on_view"].startswith(
        "View shop.on_view is not carried: it needs view shop.on_outside"
    )
    assert "unlogged" in said["table shop.cache"]
    assert "another server" in said["foreign table shop.remote"]
    assert "inherited by other.child" in said["table shop.orders"]
    assert "table shop.excluded" not in said


def test_an_excluded_table_is_not_complained_about() -> None:
    said = findings(schemas=["shop"], exclude=["shop.cache", "shop.excluded"])

    assert "table shop.cache" not in said


def test_findings_about_what_lies_beside() -> None:
    beside = (
        *(Beside("access method", "shop", f"am{n:02}", ORDERS.id.oid) for n in range(12)),
        Beside("access method", "shop", "heap", ORDERS.id.oid),
        Beside("access method", "other", "not ours", OUTSIDE.id.oid),
        Beside("foreign key", "shop", "inside", ORDERS.id.oid, ROOT.id.oid),
        Beside("foreign key", "shop", "across", ORDERS.id.oid, OUTSIDE.id.oid),
        Beside("event trigger", "shop", "watch"),
        Beside("event trigger", "other", "not here"),
    )
    uses = (("vector", ROOT.id), ("vector", OUTSIDE.id), ("hstore", OUTSIDE.id))
    said = findings(Surroundings(beside, uses, large_objects=True))

    assert said["access methods"].startswith(
        "Access methods are not on the target: the tables get the target's"
    )
    assert ": am00 on shop.orders, " in said["access methods"]
    assert said["access methods"].endswith("am09 on shop.orders and 2 more.")
    assert said["foreign keys"].endswith(": across on shop.orders.")
    assert said["event triggers"] == "Event triggers are not carried: shop.watch."
    assert said["extension vector"].endswith("is used by table shop.events.")
    assert "extension hstore" not in said
    assert "large objects" in said


@pytest.mark.parametrize(
    "kind",
    [
        "unvalidated NOT NULL",
        "unenforced constraint",
        "temporal constraint",
        "virtual generated column",
        "NULLS NOT DISTINCT key",
        "multirange column",
    ],
)
def test_what_an_older_target_lacks_is_said_of_it_alone(kind: str) -> None:
    surroundings = Surroundings((Beside(kind, "shop", "new", ORDERS.id.oid),))

    assert f"{kind}s" in findings(surroundings, OLD)
    assert f"{kind}s" not in findings(surroundings, TARGET)


def test_privileges_that_are_asked_for_are_missing_only_for_roles_that_the_target_lacks() -> None:
    rights = (Beside("privileges", "shop", role, ORDERS.id.oid) for role in ("clerk", "stranger"))
    surroundings = Surroundings(tuple(rights))
    asked = SchemaOptions(grants=True)

    assert "those of clerk on shop.orders, those of stranger" in findings(surroundings)["privileges"]
    assert findings(surroundings, TARGET, asked)["privileges"].endswith(": those of stranger on shop.orders.")
