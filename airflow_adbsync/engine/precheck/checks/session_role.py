"""Foreign keys on the target can be kept quiet while changes are applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.config import TriggerMode
from airflow_adbsync.engine.connect import quiet_triggers, typed_errors
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import Finding, QualifiedName, quote_identifier
from airflow_adbsync.engine.precheck.check import Check, alert, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted, listed

NAME = "session_replication_role"


def assess(
    user: str,
    *,
    settable: bool,
    foreign_keys: int,
    cascading: Sequence[QualifiedName] = (),
    triggers: bool = False,
) -> Finding:
    """Changes are applied table by table, so a foreign key may be broken until the batch is complete.

    ``cascading``: tables with foreign keys that act on a change of what they refer to; the source's rows that
    they have changed come as changes too. Triggers matter only where they are to fire at once.
    """
    if settable:
        return passed(NAME, "The account may set session_replication_role.", subject="target")
    if cascading:
        return failed(
            NAME,
            "The account may not set session_replication_role, and foreign keys with ON DELETE or ON UPDATE "
            f"actions would act a second time on the target: those of {listed(cascading)}.",
            f"{_grant(user)}, or exclude one of the tables.",
            subject="target",
        )
    if triggers:
        return alert(
            NAME,
            "The account may not set session_replication_role, and `schema.triggers` is enabled: these "
            "would act a second time on every change that replication brings.",
            f"{_grant(user)}, or `schema: {{triggers: disabled}}`.",
            subject="target",
        )
    if not foreign_keys:
        found = "The account may not set session_replication_role; no foreign key needs it."
        return passed(NAME, found, subject="target")
    return alert(
        NAME,
        "The account may not set session_replication_role, and the tables have "
        f"{counted(foreign_keys, 'foreign key')}: on the target these would be checked while changes are "
        "applied, and may stop that.",
        f"{_grant(user)}, or leave foreign keys off the target until the cut-over.",
        subject="target",
    )


def _grant(user: str) -> str:
    return (
        f"GRANT SET ON PARAMETER session_replication_role TO {quote_identifier(user)}; (PostgreSQL 15 and "
        "newer; before, a superuser)"
    )


def _look(context: Context) -> Iterator[Finding]:
    with typed_errors(context.target.endpoint, "trying session_replication_role"):
        settable = quiet_triggers(context.target.connection)
    foreign_keys = context.source.rows("foreign_keys", oids=context.oids)
    enforced = capabilities(context.target.server).foreign_keys_enforced
    user = context.target.endpoint.user
    yield assess(
        user,
        settable=settable,
        foreign_keys=len(foreign_keys) if enforced else 0,
        cascading=sorted({QualifiedName(*row[:2]) for row in foreign_keys if enforced and row[2]}),
        triggers=context.sync.config.schema_options.triggers is TriggerMode.ENABLED,
    )


CHECK = Check(NAME, _look)
