"""Making the shop on the source."""

from __future__ import annotations

from importlib import resources

from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.model import Endpoint


def make_shop(endpoint: Endpoint, scale: float = 1.0) -> int:
    """Create the shop's tables, fill them, and return the number of rows.

    ``scale`` 1 is about 370,000 rows. Raises the engine's typed errors.
    """
    with connect(endpoint, autocommit=True) as connection, typed_errors(endpoint, "filling the shop"):
        connection.execute(_script("shop.sql"))
        connection.execute("SELECT set_config('shop.scale', %s, false)", [str(scale)])
        connection.execute(_script("rows.sql"))
        row = connection.execute(_script("row_estimate.sql")).fetchone()
    return int(row[0]) if row else 0


def _script(name: str) -> bytes:
    return resources.files(__package__).joinpath(name).read_bytes()
