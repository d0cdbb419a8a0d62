"""What an object is, in words, and in which catalog its kind stands."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an object is, in words."""

    TABLE = "table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    SEQUENCE = "sequence"
    FOREIGN_TABLE = "foreign table"
    TYPE = "type"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    AGGREGATE = "aggregate"
    OPERATOR = "operator"
    OPERATOR_FAMILY = "operator family"
    OPERATOR_CLASS = "operator class"
    CAST = "cast"
    COLLATION = "collation"
    TEXT_SEARCH_PARSER = "text search parser"
    TEXT_SEARCH_TEMPLATE = "text search template"
    TEXT_SEARCH_DICTIONARY = "text search dictionary"
    TEXT_SEARCH_CONFIGURATION = "text search configuration"
    STATISTICS = "statistics"
    TRIGGER = "trigger"
    RULE = "rule"
    POLICY = "policy"


# They go with the table or view that they are on.
ON_RELATIONS = frozenset({Kind.TRIGGER, Kind.RULE, Kind.POLICY, Kind.STATISTICS})
# What a table needs of them comes along from wherever it lies.
FOLLOWING_TABLES = frozenset(
    {
        Kind.TYPE,
        Kind.FUNCTION,
        Kind.PROCEDURE,
        Kind.AGGREGATE,
        Kind.SEQUENCE,
        Kind.OPERATOR,
        Kind.OPERATOR_FAMILY,
        Kind.OPERATOR_CLASS,
        Kind.COLLATION,
        Kind.TEXT_SEARCH_DICTIONARY,
        Kind.TEXT_SEARCH_CONFIGURATION,
    }
)

_BY_LETTER = {
    ("pg_class", "r"): Kind.TABLE,
    ("pg_class", "p"): Kind.TABLE,
    ("pg_class", "v"): Kind.VIEW,
    ("pg_class", "m"): Kind.MATERIALIZED_VIEW,
    ("pg_class", "S"): Kind.SEQUENCE,
    ("pg_class", "f"): Kind.FOREIGN_TABLE,
    ("pg_proc", "f"): Kind.FUNCTION,
    ("pg_proc", "w"): Kind.FUNCTION,
    ("pg_proc", "p"): Kind.PROCEDURE,
    ("pg_proc", "a"): Kind.AGGREGATE,
}


def kind_of(catalog: str, letter: str) -> Kind:
    """Tell a kind by its letter in its catalog; catalogs of one kind of object have the kind for a letter."""
    if catalog == "pg_type":
        return Kind.TYPE
    return _BY_LETTER.get((catalog, letter)) or Kind(letter)
