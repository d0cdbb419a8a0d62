"""All checks, in the order in which they run."""

from __future__ import annotations

from airflow_adbsync.engine.precheck.check import Check
from airflow_adbsync.engine.precheck.checks import (
    conflicting_tables,
    connectivity,
    control_schema,
    database_name,
    encoding,
    identity,
    keys,
    names,
    publication,
    read_only,
    replication_connection,
    replication_slots,
    row_security,
    same_database,
    selection,
    session_role,
    source_rights,
    target_rights,
    unsupported_objects,
    versions,
    wal_level,
    wal_senders,
)

CHECKS: tuple[Check, ...] = (
    connectivity.CHECK,
    versions.CHECK,
    read_only.CHECK,
    same_database.CHECK,
    database_name.CHECK,
    encoding.CHECK,
    selection.CHECK,
    wal_level.CHECK,
    replication_slots.CHECK,
    wal_senders.CHECK,
    replication_connection.CHECK,
    source_rights.CHECK,
    row_security.CHECK,
    publication.CHECK,
    identity.CHECK,
    keys.CHECK,
    names.CHECK,
    control_schema.CHECK,
    target_rights.CHECK,
    conflicting_tables.CHECK,
    session_role.CHECK,
    unsupported_objects.CHECK,
)
