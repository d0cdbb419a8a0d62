"""All that the target knows of one sync at a moment, read for people to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from airflow_adbsync.engine.connect import AsyncConnection
from airflow_adbsync.engine.model import Finding, Lsn, Status
from airflow_adbsync.engine.state.actions import Action
from airflow_adbsync.engine.state.asking import fetch
from airflow_adbsync.engine.state.failures import LAST, Failure
from airflow_adbsync.engine.state.findings import Acknowledgement
from airflow_adbsync.engine.state.ownership import HOLDERS, halves, load_key, lock_key
from airflow_adbsync.engine.state.phases import PhaseRun
from airflow_adbsync.engine.state.verifications import (
    VERIFICATION_COLUMNS,
    TableVerification,
    verification_of,
)
from airflow_adbsync.engine.throttle import Limits

_SYNC = """
    SELECT s.slot_name, s.source_database, s.created_at, s.start_lsn::text,
           EXISTS (SELECT FROM adbsync.throttle AS t WHERE t.sync_id = s.sync_id AND t.paused),
           p.lsn::text, p.commit_time, p.applied_at, p.owner, p.transactions, p.changes, p.stop_at::text
    FROM adbsync.sync AS s LEFT JOIN adbsync.progress AS p USING (sync_id)
    WHERE s.sync_id = %(sync_id)s
"""
_TABLES = """
    SELECT count(*), count(snapshot), coalesce(sum(rows), 0)::bigint, coalesce(sum(bytes), 0)::bigint
    FROM adbsync.relation WHERE sync_id = %(sync_id)s
"""
_PHASES = """
    SELECT phase, state, started_at, finished_at, message
    FROM adbsync.phase WHERE sync_id = %(sync_id)s ORDER BY started_at
"""
_FINDINGS = """
    SELECT check_name, status, found, remedy, subject, found_at, acknowledged_by, acknowledged_at
    FROM adbsync.finding WHERE sync_id = %(sync_id)s ORDER BY check_name, subject
"""
_VERIFIED = """
    SELECT count(*), coalesce(sum(target_rows), 0)::bigint, max(verified_at)
    FROM adbsync.verification WHERE sync_id = %(sync_id)s
"""
_DIFFERENT = f"""
    SELECT schema_name, table_name, {VERIFICATION_COLUMNS}
    FROM adbsync.verification
    WHERE sync_id = %(sync_id)s
      AND (source_rows, source_checksum) IS DISTINCT FROM (target_rows, target_checksum)
    ORDER BY schema_name, table_name LIMIT 100
"""
_COMPARED = f"""
    SELECT schema_name, table_name, {VERIFICATION_COLUMNS}
    FROM adbsync.verification WHERE sync_id = %(sync_id)s ORDER BY schema_name, table_name
"""
_OBJECTS = """
    SELECT kind, object, problem, source, target FROM adbsync.verification_object
    WHERE sync_id = %(sync_id)s ORDER BY kind, object LIMIT 100
"""
_THROTTLES = """
    SELECT phase, queries, rows, bytes FROM adbsync.throttle
    WHERE sync_id = %(sync_id)s AND coalesce(queries, rows, bytes) IS NOT NULL ORDER BY phase
"""
_ACTIONS = """
    SELECT done_at, actor, action, detail FROM adbsync.action
    WHERE sync_id = %(sync_id)s ORDER BY done_at DESC LIMIT 10
"""


@dataclass(frozen=True, slots=True)
class Applying:
    """The progress row; ``lsn`` is the end of the last applied commit."""

    lsn: Lsn
    commit_time: datetime | None
    applied_at: datetime
    owner: str
    transactions: int
    changes: int
    stop_at: Lsn | None


@dataclass(frozen=True, slots=True)
class TableTotals:
    """Tables of the sync, how many are loaded, and what their loads carried."""

    tables: int = 0
    loaded: int = 0
    rows: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class ObjectDifference:
    """Something that is not rows, and is not on both sides as it should be."""

    kind: str
    object: str
    problem: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class VerificationTotals:
    """The latest comparisons; ``different`` and ``objects`` hold a hundred at most."""

    tables: int = 0
    rows: int = 0
    verified_at: datetime | None = None
    different: tuple[TableVerification, ...] = ()
    objects: tuple[ObjectDifference, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseThrottle:
    """A phase that is held to its limits."""

    phase: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Overview:
    """One sync as its target knows it; ``clock`` is the target's.

    ``created_at`` is None for a sync that has been looked at (precheck) and not been started.
    """

    sync_id: str
    clock: datetime
    slot_name: str | None = None
    source_database: str | None = None
    created_at: datetime | None = None
    start_lsn: Lsn | None = None
    paused: bool = False
    applying: Applying | None = None
    applier_pid: int | None = None
    loads: int = 0
    tables: TableTotals = TableTotals()
    phases: tuple[PhaseRun, ...] = ()
    findings: tuple[Finding, ...] = ()
    found_at: datetime | None = None
    acknowledged: tuple[Acknowledgement, ...] = ()
    verification: VerificationTotals = VerificationTotals()
    throttles: tuple[PhaseThrottle, ...] = ()
    actions: tuple[Action, ...] = ()
    failures: tuple[Failure, ...] = ()


async def read_overview(conn: AsyncConnection, sync_id: str) -> Overview | None:
    """Read it; None where the target has no control schema, or nothing in it about this sync."""
    ((present, clock),) = await fetch(
        conn, "SELECT to_regclass('adbsync.sync') IS NOT NULL, clock_timestamp()"
    )
    if not present:
        return None
    phases = tuple(PhaseRun(*row) for row in await fetch(conn, _PHASES, sync_id=sync_id))
    findings = await fetch(conn, _FINDINGS, sync_id=sync_id)
    records = await fetch(conn, _SYNC, sync_id=sync_id)
    if not (phases or findings or records):
        return None
    overview = Overview(
        sync_id,
        clock,
        phases=phases,
        failures=tuple(Failure(*row) for row in await fetch(conn, LAST, sync_id=sync_id)),
        findings=tuple(Finding(row[0], Status(row[1]), *row[2:5]) for row in findings),
        found_at=findings[0][5] if findings else None,
        acknowledged=tuple(Acknowledgement(row[0], row[4], *row[6:]) for row in findings if row[6]),
    )
    return await _with_record(conn, overview, records[0]) if records else overview


async def _with_record(conn: AsyncConnection, bare: Overview, record: tuple[object, ...]) -> Overview:
    slot_name, source_database, created_at, start_lsn, paused, *progress = record
    sync_id = bare.sync_id
    ((*totals,),) = await fetch(conn, _TABLES, sync_id=sync_id)
    appliers = await _holders(conn, lock_key(sync_id))
    return Overview(
        sync_id,
        bare.clock,
        slot_name=str(slot_name),
        source_database=str(source_database),
        created_at=created_at,  # type: ignore[arg-type]
        start_lsn=_lsn(start_lsn),
        paused=bool(paused),
        applying=_applying(progress) if progress[0] else None,
        applier_pid=appliers[0] if appliers else None,
        loads=len(await _holders(conn, load_key(sync_id))),
        tables=TableTotals(*totals),
        phases=bare.phases,
        failures=bare.failures,
        findings=bare.findings,
        found_at=bare.found_at,
        acknowledged=bare.acknowledged,
        verification=await _verification(conn, sync_id),
        throttles=tuple(
            PhaseThrottle(phase, Limits(*limits))
            for phase, *limits in await fetch(conn, _THROTTLES, sync_id=sync_id)
        ),
        actions=tuple(Action(*row) for row in await fetch(conn, _ACTIONS, sync_id=sync_id)),
    )


def _applying(row: list[object]) -> Applying:
    lsn, commit_time, applied_at, owner, transactions, changes, stop_at = row
    return Applying(
        Lsn.parse(str(lsn)),
        commit_time,  # type: ignore[arg-type]
        applied_at,  # type: ignore[arg-type]
        str(owner),
        transactions,  # type: ignore[arg-type]
        changes,  # type: ignore[arg-type]
        _lsn(stop_at),
    )


async def _verification(conn: AsyncConnection, sync_id: str) -> VerificationTotals:
    ((tables, rows, verified_at),) = await fetch(conn, _VERIFIED, sync_id=sync_id)
    different = await fetch(conn, _DIFFERENT, sync_id=sync_id) if tables else []
    return VerificationTotals(
        tables,
        rows,
        verified_at,
        tuple(verification_of(row) for row in different),
        tuple(ObjectDifference(*row) for row in await fetch(conn, _OBJECTS, sync_id=sync_id)),
    )


async def _holders(conn: AsyncConnection, key: int) -> tuple[int, ...]:
    high, low = halves(key)
    return tuple(int(row[0]) for row in await fetch(conn, HOLDERS, high=high, low=low))


def _lsn(text: object) -> Lsn | None:
    return Lsn.parse(str(text)) if text else None


async def read_verifications(conn: AsyncConnection, sync_id: str) -> tuple[TableVerification, ...]:
    """Read the latest comparison of every table."""
    return tuple(verification_of(row) for row in await fetch(conn, _COMPARED, sync_id=sync_id))
