"""Which server this is."""

from __future__ import annotations

from airflow_adbsync.engine.catalog.queries import query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Family, Server


def read_server(conn: Connection) -> Server:
    """Ask the server what it is.

    Where the account may not read the cluster's identity, ``system_identifier`` is empty and ``timeline`` 0;
    IDENTIFY_SYSTEM on a replication connection tells both.
    """
    row = conn.execute(query(__package__, "server")).fetchone()
    assert row is not None  # noqa: S101 - the query has no FROM
    version, version_num, database, gp_version, identity_readable = row
    identity = conn.execute(query(__package__, "server_identity")).fetchone() if identity_readable else None
    system_identifier, timeline = identity or ("", 0)
    return Server(
        family=family(version, gp_version),
        version_num=version_num,
        version=version,
        system_identifier=system_identifier,
        timeline=timeline,
        database=database,
    )


def family(version: str, gp_server_version: str | None) -> Family:
    """Tell the family by ``version()`` and the setting that only the Greenplum lineage has.

    AnalyticDB's words for itself are not documented; one that doesn't say so counts as Greenplum.
    """
    words = f"{version} {gp_server_version or ''}".lower()
    if "analyticdb" in words or "adbpg" in words:
        return Family.ANALYTICDB
    if gp_server_version or "greenplum" in words or "cloudberry" in words:
        return Family.GREENPLUM
    return Family.POSTGRESQL
