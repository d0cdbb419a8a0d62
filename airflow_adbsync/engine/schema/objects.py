"""What the schema phase carries, and what becomes of the rest: the table in docs/objects.md.

``python -m airflow_adbsync.engine.schema.objects > docs/objects.md`` writes it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from airflow_adbsync.engine.schema.kind import Kind


@dataclass(frozen=True, slots=True)
class Carried:
    """A kind of object; ``kinds`` are its members of `Kind`, none for what is a part of another object."""

    name: str
    what: str
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class NotCarried:
    """What stays behind, and what a user can do about it."""

    name: str
    reason: str
    remedy: str


CARRIED = (
    Carried("SCHEMA", "those that the target lacks, with their comment"),
    Carried(
        "TABLE",
        "columns, collations, defaults, identity, generated columns, storage, compression, statistics "
        "targets, options (TOAST's too), access method where the target has it, inheritance, "
        "partitions (none by `schema: {partitions: flatten}`, the default towards AnalyticDB), OF a type, "
        "`CLUSTER ON`",
        (Kind.TABLE,),
    ),
    Carried(
        "PRIMARY KEY, UNIQUE, EXCLUDE",
        "after the load; deferrable, NULLS NOT DISTINCT, INCLUDE, WITHOUT OVERLAPS",
    ),
    Carried("CHECK", "with the table; one that was never validated, after the load"),
    Carried("NOT NULL", "with its name and NO INHERIT between servers of 18 and newer"),
    Carried("FOREIGN KEY", "after the load, NOT VALID; validated then, or once replication has caught up"),
    Carried(
        "INDEX",
        "after the load, several at once; partial, on expressions, any access method, statistics targets",
    ),
    Carried("VIEW", "options, check option, defaults of columns, security_invoker", (Kind.VIEW,)),
    Carried(
        "MATERIALIZED VIEW",
        "after the load; filled where the source's is, and refreshed each time the phase validates",
        (Kind.MATERIALIZED_VIEW,),
    ),
    Carried(
        "FUNCTION, PROCEDURE",
        "in SQL, PL/pgSQL and languages that the target has",
        (Kind.FUNCTION, Kind.PROCEDURE),
    ),
    Carried("AGGREGATE", "ordinary, ordered-set, moving", (Kind.AGGREGATE,)),
    Carried("OPERATOR", "with commutator, negator and estimators", (Kind.OPERATOR,)),
    Carried(
        "OPERATOR CLASS, OPERATOR FAMILY",
        "where the target's account is a superuser",
        (Kind.OPERATOR_CLASS, Kind.OPERATOR_FAMILY),
    ),
    Carried("CAST", "WITHOUT FUNCTION only where the target's account is a superuser", (Kind.CAST,)),
    Carried(
        "TYPE, DOMAIN",
        "composite, enum, range with its multirange; domains with their constraints",
        (Kind.TYPE,),
    ),
    Carried("COLLATION", "of every provider that the target has", (Kind.COLLATION,)),
    Carried(
        "TEXT SEARCH DICTIONARY, CONFIGURATION",
        "with options and mappings; files of words have to be on the target's host",
        (Kind.TEXT_SEARCH_DICTIONARY, Kind.TEXT_SEARCH_CONFIGURATION),
    ),
    Carried("SEQUENCE", "all options, and the column that owns it; values come at the end", (Kind.SEQUENCE,)),
    Carried(
        "TRIGGER, RULE",
        "after the load, disabled until the cut-over (`schema: {triggers: disabled}`), as on the source "
        "(`enabled`), or not at all (`omit`); those on views can't be disabled: they act on writes to the "
        "view",
        (Kind.TRIGGER, Kind.RULE),
    ),
    Carried(
        "POLICY, ROW LEVEL SECURITY",
        "where the target has the policy's roles; FORCE waits for the cut-over where it would bind the "
        "target's account",
        (Kind.POLICY,),
    ),
    Carried("STATISTICS", "extended ones, with their target; ANALYZE fills them", (Kind.STATISTICS,)),
    Carried("COMMENT", "on everything that is carried"),
    Carried(
        "GRANT, REVOKE", "where asked for (`schema: {grants: true}`), to those roles that the target has"
    ),
)

_CREATE = "create it on the target by hand"
NOT_CARRIED = (
    NotCarried("functions in C and internal", "their code is no part of the database", _CREATE),
    NotCarried("base types, text search parsers and templates", "they are written in C", _CREATE),
    NotCarried(
        "functions in a language that the target lacks", "they could not run", "CREATE EXTENSION the language"
    ),
    NotCarried("foreign tables", "their rows are on another server", "exclude them, or create them by hand"),
    NotCarried(
        "unlogged and temporary tables", "their changes are not in the write-ahead log", "exclude them"
    ),
    NotCarried(
        "extensions", "they are the server's", "CREATE EXTENSION on the target first, in the same schema"
    ),
    NotCarried("objects of extensions", "their extension makes them", "have the extension on the target"),
    NotCarried("access methods", "they are the server's; tables get the target's own", "create them first"),
    NotCarried("inheritance across the selection", "the other table is not selected", "select both tables"),
    NotCarried(
        "what only partitions have, where they are flattened",
        "one table takes their place: their own indexes, constraints, defaults, triggers",
        "`schema: {partitions: keep}`, or make it on the table by hand",
    ),
    NotCarried("foreign keys out of the selection", "the other table is not selected", "select both tables"),
    NotCarried("event triggers", "they belong to the whole database", "create them after the cut-over"),
    NotCarried(
        "large objects", "logical replication does not know them", "keep them in bytea, or copy them by hand"
    ),
    NotCarried(
        "privileges, unless asked for", "roles are the server's", "`schema: {grants: true}`, or GRANT them"
    ),
    NotCarried(
        "policies for roles that the target lacks", "CREATE POLICY needs the role", "CREATE ROLE first"
    ),
    NotCarried(
        "owners", "everything belongs to the target's account", "ALTER ... OWNER TO after the cut-over"
    ),
    NotCarried("tablespaces", "they are the server's", "SET default_tablespace for the target's account"),
    NotCarried(
        "REPLICA IDENTITY", "the sync sets it on the source as it needs it", "ALTER TABLE on the target"
    ),
    NotCarried(
        "virtual generated columns, to before 18", "the target has stored ones only", "they are stored there"
    ),
    NotCarried(
        "NOT ENFORCED, WITHOUT OVERLAPS, PERIOD, NOT NULL NOT VALID, to before 18",
        "the target lacks them",
        "do without",
    ),
    NotCarried("what needs something of the above", "it could not be made", "see what it needs"),
)


def page() -> str:
    """The page of the docs."""
    return "\n".join(
        (
            "# What is carried",
            "",
            "Written by `python -m airflow_adbsync.engine.schema.objects`; a test holds it up to date.",
            "",
            "Definitions are the server's own words; `pg_dump --schema-only` of both sides says the same",
            "afterwards, apart from what is configured and what is listed below.",
            "",
            *_table(("Object", "How"), ((item.name, item.what) for item in CARRIED)),
            "",
            "## What is not",
            "",
            "The precheck names each such object, and what needs it, before anything is created.",
            "",
            *_table(
                ("Object", "Why", "What to do"),
                ((item.name, item.reason, item.remedy) for item in NOT_CARRIED),
            ),
            "",
        )
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
