"""What a person may ask of a sync: done by the engine, and recorded here and there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from airflow.api.common.trigger_dag import trigger_dag
from airflow.models.log import Log
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException
from airflow.utils.session import create_session
from airflow.utils.types import DagRunTriggeredByType

from airflow_adbsync.engine import pacing, state
from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.errors import AdbsyncError, ConfigError
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication import request_stop, withdraw_stop
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.throttle import Limits
from airflow_adbsync.hooks.sync import open_sync
from airflow_adbsync.plugin.references import SyncReference
from airflow_adbsync.plugin.view import Notice


async def stop(sync: SyncReference, actor: str, at: str) -> Notice:
    """Ask the applier to stop at an LSN, or where the source is now."""
    try:
        place = Lsn.parse(at) if at.strip() else None
    except ValueError as error:
        return Notice("bad", "Not asked to stop", str(error))

    def ask(engine_sync: Sync) -> Notice:
        stop_at = request_stop(engine_sync, place, actor=actor)
        return Notice("info", f"Asked to stop at {stop_at}", "It stops once all up to there is applied.")

    return await _do(sync, actor, "adbsync_stop", ask, at=at.strip() or "now")


async def go_on(sync: SyncReference, actor: str) -> Notice:
    """Withdraw the request to stop."""

    def ask(engine_sync: Sync) -> Notice:
        withdraw_stop(engine_sync, actor=actor)
        return Notice("info", "The request to stop is withdrawn")

    return await _do(sync, actor, "adbsync_go_on", ask)


async def pause(sync: SyncReference, actor: str) -> Notice:
    """Let load and replication carry nothing until `resume`."""

    def ask(engine_sync: Sync) -> Notice:
        pacing.pause(engine_sync, actor=actor)
        return Notice("info", "Asked to pause", "Within a second nothing is carried any more.")

    return await _do(sync, actor, "adbsync_pause", ask)


async def resume(sync: SyncReference, actor: str) -> Notice:
    """Let them go on."""

    def ask(engine_sync: Sync) -> Notice:
        pacing.resume(engine_sync, actor=actor)
        return Notice("info", "Resumed", "It goes on from where it stood.")

    return await _do(sync, actor, "adbsync_resume", ask)


async def acknowledge(sync: SyncReference, actor: str, checks: Sequence[str]) -> Notice:
    """Accept the alerts of these checks, in a new run of the DAG: it begins with the precheck."""

    def ask(engine_sync: Sync) -> Notice:
        conf = {"acknowledge": list(checks), "acknowledged_by": actor}
        trigger_dag(
            sync.dag_id,
            triggered_by=DagRunTriggeredByType.UI,
            triggering_user_name=actor,
            conf=conf,
            run_after=datetime.now(UTC),
        )
        with connect(engine_sync.target, autocommit=True) as conn:
            state.actions.record(
                conn, sync.sync_id, actor=actor, action="accept", detail=f"alerts of {', '.join(checks)}"
            )
        return Notice("info", f"Accepted: {', '.join(checks)}", f"A new run of {sync.dag_id} is on its way.")

    if not checks:
        return Notice("bad", "Nothing was accepted", "Choose at least one check.")
    return await _do(sync, actor, "adbsync_acknowledge", ask, checks=", ".join(checks))


async def throttle(sync: SyncReference, actor: str, phase: str, limits: Limits) -> Notice:
    """Hold a phase to so much a second; what runs heeds it within a second."""
    said = _in_words(limits)

    def ask(engine_sync: Sync) -> Notice:
        with connect(engine_sync.target) as conn:
            state.throttles.set_limits(conn, sync.sync_id, phase, limits)
            state.actions.record(
                conn, sync.sync_id, actor=actor, action="throttle", detail=f"{phase}: {said}"
            )
        return Notice("info", f"The {phase} phase: {said}", "Until the configuration's limits are set again.")

    return await _do(sync, actor, "adbsync_throttle", ask, phase=phase, limits=said)


def _in_words(limits: Limits) -> str:
    parts = []
    if limits.rows:
        parts.append(f"{limits.rows:g} rows a second")
    if limits.bytes:
        parts.append(f"{limits.bytes / 1e6:g} MB a second")
    return ", ".join(parts) or "no limit"


async def _do(
    sync: SyncReference, actor: str, event: str, ask: Callable[[Sync], Notice], **details: str
) -> Notice:
    """Write the audit log, then ask; who asks in vain is in it too."""

    def work() -> Notice:
        _audit(sync, actor, event, details)
        return ask(_open(sync))

    try:
        return await asyncio.wait_for(asyncio.to_thread(work), timeout=30)
    except AdbsyncError as error:
        return Notice.of_error("That could not be done", error)
    except AirflowException as error:
        return Notice("bad", "Airflow refused", str(error))
    except TimeoutError:
        return Notice("bad", "No answer within 30 seconds", "It may still be done: look again in a moment.")


def _open(sync: SyncReference) -> Sync:
    """The two endpoints; the page knows no more of the configuration, and an action needs no more."""
    config = {"sync_id": sync.sync_id, "source": sync.source, "target": sync.target}
    try:
        return open_sync({**config, "objects": {"schemas": ["-"]}})
    except AirflowNotFoundException as error:
        raise ConfigError(str(error), remedy="Define the connection in Airflow.") from error


def _audit(sync: SyncReference, actor: str, event: str, details: dict[str, str]) -> None:
    extra = json.dumps({"sync_id": sync.sync_id, "target": sync.target, **details})
    with create_session() as session:
        session.add(Log(event=event, owner=actor, owner_display_name=actor, extra=extra, dag_id=sync.dag_id))
