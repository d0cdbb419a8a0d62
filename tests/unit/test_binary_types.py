"""Which types may travel in binary: those whose binary form holds no oid of the source's own catalog."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.catalog.binary import TypeFacts, is_binary_portable

INT4, TEXT, REGCLASS, INT4S, REGCLASSES = 23, 25, 2205, 1007, 2210
MOOD, MOODS, POINT, POINTS, HSTORE, NESTED, OVER_MOODS = 20001, 20002, 20003, 20004, 20005, 20006, 20007

TYPES = {
    item.oid: item
    for item in (
        TypeFacts(INT4, "int4", "b"),
        TypeFacts(TEXT, "text", "b"),
        TypeFacts(REGCLASS, "regclass", "b"),
        TypeFacts(INT4S, "_int4", "b", element=INT4),
        TypeFacts(REGCLASSES, "_regclass", "b", element=REGCLASS),
        TypeFacts(1033, "aclitem", "b", transferable=False),
        TypeFacts(3904, "int4range", "r", inner=INT4),
        TypeFacts(MOOD, "mood", "e"),
        TypeFacts(MOODS, "_mood", "b", element=MOOD),
        TypeFacts(POINT, "point3d", "c", fields=(INT4, TEXT)),
        TypeFacts(POINTS, "_point3d", "b", element=POINT),
        TypeFacts(HSTORE, "hstore", "b"),
        TypeFacts(NESTED, "nested", "c", fields=(INT4, MOOD)),
        TypeFacts(OVER_MOODS, "moods", "d", inner=MOODS),
        TypeFacts(20008, "even", "d", inner=INT4),
        TypeFacts(20009, "evens", "b", element=20008),
        TypeFacts(20010, "int4s", "d", inner=INT4S),
        TypeFacts(20011, "evenrange", "r", inner=20008),
        TypeFacts(20012, "evenmultirange", "m", inner=20011),
        TypeFacts(20013, "withdomain", "c", fields=(20008,)),
        TypeFacts(20014, "refdomain", "d", inner=REGCLASS),
        TypeFacts(20015, "pseudo", "p"),
        TypeFacts(20016, "arrayed", "c", fields=(INT4S,)),
        TypeFacts(10050, "pg_class", "c", fields=(INT4,)),
        TypeFacts(20017, "holds_pg_class", "c", fields=(10050,)),
    )
}


@pytest.mark.parametrize(
    ("name", "portable"),
    [
        ("int4", True),
        ("_int4", True),
        ("int4range", True),
        ("regclass", False),  # an oid of pg_class
        ("_regclass", False),
        ("aclitem", False),  # has no send function
        ("mood", True),  # sent by its label
        ("_mood", False),  # an array says its element's oid
        ("point3d", True),  # says its fields' oids, which are built in
        ("_point3d", False),
        ("nested", False),
        ("hstore", False),  # an extension's
        ("even", True),
        ("evens", False),
        ("int4s", True),  # sent as its base type
        ("moods", False),
        ("evenrange", True),  # a range says no oid
        ("evenmultirange", True),
        ("withdomain", False),
        ("refdomain", False),
        ("pseudo", False),
        ("arrayed", True),
        ("holds_pg_class", False),  # oids from 10000 on are not the same on each server
    ],
)
def test_portable(name: str, portable: bool) -> None:
    (oid,) = (item.oid for item in TYPES.values() if item.name == name)

    assert is_binary_portable(oid, TYPES) is portable


def test_an_unknown_type_travels_as_text() -> None:
    assert not is_binary_portable(4711, TYPES)
