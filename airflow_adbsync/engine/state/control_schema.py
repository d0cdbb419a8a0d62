"""Making the control schema, and bringing an older one up to date."""

from __future__ import annotations

from importlib import resources

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import ControlSchemaNewer

# Version n is made from version n - 1 by the n-th file.
_MIGRATIONS = ("001_create.sql",)
VERSION = len(_MIGRATIONS)
# Any constant will do: it keeps two upgrades of one target apart.
_UPGRADE_LOCK = 0x6164_6273_796E_6301


def is_present(conn: Connection) -> bool:
    """Tell whether the target holds a control schema."""
    row = conn.execute("SELECT to_regclass('adbsync.version') IS NOT NULL").fetchone()
    return bool(row and row[0])


def ensure(conn: Connection) -> None:
    """Create the control schema or upgrade it, in the caller's transaction.

    Raises:
        ControlSchemaNewer: a newer adbsync has been here.
    """
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (_UPGRADE_LOCK,))
    found = _version(conn)
    if found > VERSION:
        raise ControlSchemaNewer(
            f"The control schema on the target has version {found}; this adbsync knows up to {VERSION}.",
            remedy="Upgrade airflow-provider-adbsync on this machine to at least the version that wrote it.",
        )
    if found == VERSION:
        return
    if found == 0:
        conn.execute("CREATE SCHEMA IF NOT EXISTS adbsync")
    for name in _MIGRATIONS[found:]:
        script = resources.files(__package__).joinpath("sql", name).read_text(encoding="utf-8")
        conn.execute(script)
    conn.execute("DELETE FROM adbsync.version")
    conn.execute("INSERT INTO adbsync.version (version) VALUES (%s)", (VERSION,))


def _version(conn: Connection) -> int:
    if not is_present(conn):
        return 0
    row = conn.execute("SELECT max(version) FROM adbsync.version").fetchone()
    return int(row[0]) if row and row[0] is not None else 0
