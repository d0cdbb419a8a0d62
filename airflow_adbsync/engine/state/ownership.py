"""Advisory locks on the target: who applies a sync, who loads its tables, and who builds their indexes.

One applier holds a sync exclusively; any number of load tasks hold it side by side, under a second key.
Both end with the session that took them (PostgreSQL doc: Advisory Locks).
"""

from __future__ import annotations

import hashlib

from airflow_adbsync.engine.connect import Connection

# A bigint key shows in pg_locks as two halves with objsubid 1 (PostgreSQL doc: pg_locks).
HOLDERS = """
    SELECT pid FROM pg_catalog.pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
      AND classid::bigint = %(high)s AND objid::bigint = %(low)s
    ORDER BY pid
"""


def lock_key(sync_id: str) -> int:
    """The key of the applier's lock: 64 bits, signed, the same on every machine."""
    return _key("apply", sync_id)


def load_key(sync_id: str) -> int:
    """The key of the load tasks' lock."""
    return _key("load", sync_id)


def halves(key: int) -> tuple[int, int]:
    """A key as `HOLDERS` looks for it."""
    return key >> 32 & 0xFFFFFFFF, key & 0xFFFFFFFF


def try_own(conn: Connection, sync_id: str) -> bool:
    """Take the sync for this session, as its only applier; False while another session has it."""
    return _truth(conn, "SELECT pg_try_advisory_lock(%s)", lock_key(sync_id))


def disown(conn: Connection, sync_id: str) -> None:
    """Give the sync back before the session ends."""
    conn.execute("SELECT pg_advisory_unlock(%s)", (lock_key(sync_id),))


def owner_pids(conn: Connection, sync_id: str) -> tuple[int, ...]:
    """The backends that hold the sync: one at most."""
    return _holders(conn, lock_key(sync_id))


def is_owned(conn: Connection, sync_id: str) -> bool:
    """Tell whether an applier (this session's too) holds the sync."""
    return bool(owner_pids(conn, sync_id))


def hold_load(conn: Connection, sync_id: str) -> None:
    """Say, while this session lives, that it loads tables of the sync; waits for a release that runs."""
    conn.execute("SELECT pg_advisory_lock_shared(%s)", (load_key(sync_id),))


def leave_load(conn: Connection, sync_id: str) -> None:
    """Say before the session ends that it loads no more."""
    conn.execute("SELECT pg_advisory_unlock_shared(%s)", (load_key(sync_id),))


def load_pids(conn: Connection, sync_id: str) -> tuple[int, ...]:
    """The backends that load tables of the sync."""
    return _holders(conn, load_key(sync_id))


def loads_running(conn: Connection, sync_id: str) -> int:
    """How many sessions load tables of the sync."""
    return len(load_pids(conn, sync_id))


def try_bar_loads(conn: Connection, sync_id: str) -> bool:
    """Keep loads from beginning while this session lives; False while one runs."""
    return _truth(conn, "SELECT pg_try_advisory_lock(%s)", load_key(sync_id))


def try_hold_loads_off(conn: Connection, sync_id: str) -> bool:
    """Keep loads from beginning until the transaction ends; False while one runs.

    Who waited in line for it would hold up a load's other sessions, and with them the load.
    """
    return _truth(conn, "SELECT pg_try_advisory_xact_lock(%s)", load_key(sync_id))


def try_build(conn: Connection, sync_id: str, number: int) -> bool:
    """Take one of the numbered places for building indexes; False while another session has it."""
    return _truth(conn, "SELECT pg_try_advisory_lock(%s)", _key(f"build {number}", sync_id))


def leave_building(conn: Connection, sync_id: str, number: int) -> None:
    """Give the place back before the session ends."""
    conn.execute("SELECT pg_advisory_unlock(%s)", (_key(f"build {number}", sync_id),))


def hold_setup(conn: Connection, sync_id: str) -> None:
    """Start or release the sync while this session lives; others wait until it has ended."""
    conn.execute("SELECT pg_advisory_lock(%s)", (_key("setup", sync_id),))


def _key(purpose: str, sync_id: str) -> int:
    digest = hashlib.sha256(f"adbsync:{purpose}:{sync_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _holders(conn: Connection, key: int) -> tuple[int, ...]:
    high, low = halves(key)
    return tuple(int(row[0]) for row in conn.execute(HOLDERS, {"high": high, "low": low}).fetchall())


def _truth(conn: Connection, statement: str, key: int) -> bool:
    row = conn.execute(statement, (key,)).fetchone()
    return bool(row and row[0])
