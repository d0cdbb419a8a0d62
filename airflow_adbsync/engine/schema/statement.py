"""A DDL statement, and what it makes and needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import total_ordering

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.identity import ObjectId


@total_ordering
class Section(Enum):
    """What a statement makes; among statements that may both run, the earlier section goes first."""

    SCHEMA = "schema"
    COLLATION = "collation"
    TYPE = "type"
    SEQUENCE = "sequence"
    FUNCTION = "function"
    OPERATOR = "operator"
    CAST = "cast"
    TEXT_SEARCH = "text search"
    TABLE = "table"
    DEFAULT = "default"
    CHECK = "check"
    PARTITION = "partition"
    SETTING = "setting"
    OWNERSHIP = "ownership"
    KEY = "key"
    INDEX = "index"
    INDEX_PARTITION = "index partition"
    LATE_CHECK = "late check"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    VIEW_SETTING = "view setting"
    FOREIGN_KEY = "foreign key"
    STATISTICS = "statistics"
    RULE = "rule"
    TRIGGER = "trigger"
    ROW_SECURITY = "row security"
    GRANT = "grant"
    COMMENT = "comment"
    VALIDATION = "validation"
    ACTIVATION = "activation"

    def __lt__(self, other: Section) -> bool:
        return _RANK[self] < _RANK[other]

    @property
    def before_data(self) -> bool:
        """Whether rows can only come, or come best, after it."""
        return self <= Section.OWNERSHIP

    @property
    def parallel(self) -> bool:
        """Whether several of the section may run at once: long ones that lock one table each."""
        return self in {Section.KEY, Section.INDEX, Section.VALIDATION}

    @property
    def short(self) -> bool:
        """Whether a statement of the section reads no rows, so that many fit into one transaction."""
        return self not in {
            Section.KEY,
            Section.INDEX,
            Section.LATE_CHECK,
            Section.MATERIALIZED_VIEW,
            Section.VALIDATION,
        }


_RANK = {section: rank for rank, section in enumerate(Section)}


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement not yet tied to others.

    ``makes`` are the source's objects that exist on the target once it has run; ``needs`` what it needs
    beyond what the catalog says of those; ``home`` the schema that it makes them in; ``reads`` the only table
    whose rows it reads and that it locks, where there is one.
    """

    object: str
    section: Section
    sql: str
    makes: frozenset[ObjectId] = frozenset()
    needs: frozenset[ObjectId] = frozenset()
    home: str = ""
    reads: QualifiedName | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One DDL statement; ``object`` names what it makes, uniquely, ``needs`` the objects that come first."""

    object: str
    section: Section
    sql: str
    needs: frozenset[str] = frozenset()
    reads: QualifiedName | None = None
