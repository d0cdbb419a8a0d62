"""Settings under which the server writes names in full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow_adbsync.engine.connect import Connection


@contextmanager
def empty_search_path(conn: Connection) -> Iterator[None]:
    """Within, the server's own functions qualify every name that is not in pg_catalog.

    Runs in a transaction (a savepoint where one is open) and puts the caller's search_path back.
    """
    with conn.transaction():
        row = conn.execute("SELECT current_setting('search_path')").fetchone()
        conn.execute("SELECT set_config('search_path', '', true)")
        yield
        conn.execute("SELECT set_config('search_path', %s, true)", (row[0] if row else "",))
