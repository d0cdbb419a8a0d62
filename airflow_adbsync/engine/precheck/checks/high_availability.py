"""The slot outlives a failover of the source (PostgreSQL doc: Logical Replication Failover)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import Family, Finding, Server
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted
from airflow_adbsync.engine.precheck.setting import Setting

NAME = "high_availability"
_WANTED = ("hot_standby", "hot_standby_feedback", "sync_replication_slots")


def assess(server: Server, standbys: int, settings: Mapping[str, Setting]) -> Finding:
    """AnalyticDB's High-availability Edition wants three parameters on; elsewhere they are the standby's."""
    off = [name for name in _WANTED if name not in settings or not settings[name].is_on]
    if server.family is Family.ANALYTICDB and off:
        return alert(
            NAME,
            f"Off: {', '.join(off)}. With the High-availability Edition the slot is lost at a switch-over.",
            "Set them to on in the instance's console; the Basic Edition needs none of them.",
            subject="source",
        )
    if not standbys or server.family is Family.ANALYTICDB:
        found = "The slot survives a switch-over." if not off else "No standby follows the source."
        return passed(NAME, found, subject="source")
    if capabilities(server).failover_slots:
        found = f"{counted(standbys, 'standby')}: with sync_replication_slots on there, slots follow."
        return passed(NAME, found, subject="source")
    return alert(
        NAME,
        f"The source has {counted(standbys, 'physical standby')}: this version can't take a logical slot "
        "along, so after a failover the sync has to be started anew.",
        "Use PostgreSQL 17 or newer as the source, or acknowledge this.",
        subject="source",
    )


def _look(context: Context) -> Iterator[Finding]:
    (standbys,) = context.source.row("standbys")
    yield assess(context.source.server, standbys, context.source.settings)


CHECK = Check(NAME, _look)
