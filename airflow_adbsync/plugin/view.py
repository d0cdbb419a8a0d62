"""What one sync's page says: from what was read to what is shown, without HTML: pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from airflow_adbsync.engine.errors import AdbsyncError, SlotInDanger, SlotMissing
from airflow_adbsync.engine.model import Finding, Status
from airflow_adbsync.engine.state import LagPoint, Overview
from airflow_adbsync.engine.state.failures import Failure
from airflow_adbsync.engine.state.phases import PhaseRun
from airflow_adbsync.engine.state.verifications import TableVerification
from airflow_adbsync.engine.watch import SlotHold
from airflow_adbsync.plugin.references import SyncReference

ROAD = (
    "precheck", "replica_identity", "start", "schema", "load", "finish_schema",
    "incremental", "verify", "sequences", "activate", "release",
)  # fmt: skip
# In the order in which they want to be read.
_FINDING_ORDER = (Status.FAILED, Status.BROKEN, Status.ALERT, Status.PASSED)
_REMEDY = " What to do: "


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person should know now; ``level`` is bad, warn or info."""

    level: str
    title: str
    text: str = ""
    remedy: str = ""

    @staticmethod
    def of_error(title: str, error: AdbsyncError) -> Notice:
        """An error with its remedy apart."""
        return Notice("bad", title, error.what, error.remedy)


@dataclass(frozen=True, slots=True)
class Stop:
    """One station of the road; ``state`` is waiting, running, done, failed, or stalled: nobody runs it."""

    phase: str
    state: str
    seconds: float | None = None
    started_at: datetime | None = None
    task_id: str | None = None

    @property
    def title(self) -> str:
        """The phase in words."""
        return self.phase.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Condition:
    """How the sync is, in a word; ``level`` is good, busy, warn, bad or idle."""

    level: str
    word: str


@dataclass(frozen=True, slots=True)
class SyncView:
    """Everything on the page but the tables."""

    sync: SyncReference
    now: datetime
    window: timedelta
    overview: Overview | None = None
    lag: Sequence[LagPoint] = ()
    hold: SlotHold | None = None
    target_error: AdbsyncError | None = None
    source_error: AdbsyncError | None = None

    @property
    def started(self) -> bool:
        """Whether the slot was made."""
        return self.overview is not None and self.overview.start_lsn is not None

    @property
    def slot_trouble(self) -> AdbsyncError | None:
        """What threatens the slot of a sync that has one, or has befallen it."""
        return self.hold.danger if self.hold is not None and self.started else None

    @property
    def lag_bytes(self) -> int | None:
        """How far the target is behind the source, measured now if both answer."""
        applying = self.overview.applying if self.overview else None
        if applying and self.hold:
            return max(0, self.hold.position.lsn - applying.lsn)
        return self.lag[-1].lag_bytes if self.lag else None

    @property
    def lag_seconds(self) -> float | None:
        """The latest sample, unless it is old."""
        if not self.lag or self.now - self.lag[-1].moment > timedelta(minutes=2):
            return None
        return self.lag[-1].lag_seconds

    @property
    def road(self) -> tuple[Stop, ...]:
        """The phases of the DAG and those that have run, in the order of the road."""
        runs = {run.phase: run for run in (self.overview.phases if self.overview else ())}
        of_dag = {task.phase for task in self.sync.tasks if task.phase}
        beside = sorted((runs.keys() | of_dag) - set(ROAD))
        names = [name for name in (*ROAD, *beside) if name in runs or name in of_dag]
        return tuple(self._stop(name, runs.get(name)) for name in names)

    def _stop(self, phase: str, run: PhaseRun | None) -> Stop:
        task_id = self.sync.task_of(phase)
        if run is None:
            return Stop(phase, "waiting", task_id=task_id)
        until = run.finished_at or self.now
        seconds = max(0.0, (until - run.started_at).total_seconds())
        state = "stalled" if run.state == "running" and self._is_stalled(phase) else run.state
        return Stop(phase, state, seconds, run.started_at, task_id)

    def _is_stalled(self, phase: str) -> bool:
        if self.overview is None:
            return False
        if phase == "incremental":
            return self.overview.applier_pid is None
        return phase == "load" and self.overview.loads == 0

    @property
    def condition(self) -> Condition:
        """The one word beside the sync's name."""
        overview = self.overview
        if self.target_error is not None:
            return Condition("bad", "out of reach")
        if overview is None:
            return Condition("idle", "not started")
        if self.slot_trouble is not None and not isinstance(self.slot_trouble, SlotInDanger):
            missing = isinstance(self.slot_trouble, SlotMissing)
            return Condition("bad", "slot missing" if missing else "slot lost")
        if overview.paused:
            return Condition("warn", "paused")
        if overview.applier_pid is not None:
            stopping = overview.applying is not None and overview.applying.stop_at is not None
            return Condition("busy", "stopping") if stopping else Condition("good", "replicating")
        return self._condition_at_rest()

    def _condition_at_rest(self) -> Condition:
        stops = [stop for stop in self.road if stop.started_at is not None]
        latest = max(stops, key=lambda stop: stop.started_at or self.now, default=None)
        if latest is None:
            return Condition("idle", "not started")
        match latest.state:
            case "failed":
                return Condition("bad", f"{latest.title} failed")
            case "running":
                return Condition("busy", latest.title)
            case "stalled":
                return Condition("warn", f"{latest.title} interrupted")
            case _:
                return Condition("idle", f"{latest.title} done")

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What a person should know now, the worst first."""
        order = ("bad", "warn", "info")
        return tuple(sorted(self._notices(), key=lambda notice: order.index(notice.level)))

    def _notices(self) -> Iterator[Notice]:
        if self.target_error is not None:
            yield Notice.of_error(f"The target ({self.sync.target}) can't be read", self.target_error)
            return
        if self.source_error is not None:
            yield Notice.of_error(f"The source ({self.sync.source}) can't be read", self.source_error)
        if self.overview is None:
            yield Notice(
                "info",
                "Nothing on the target yet",
                "The target knows nothing of this sync: it was not started, or it was released.",
                f"Run the DAG {self.sync.dag_id}.",
            )
            return
        if self.slot_trouble is not None:
            level = "warn" if isinstance(self.slot_trouble, SlotInDanger) else "bad"
            title = "The slot is in danger" if level == "warn" else self.condition.word.capitalize()
            yield replace(Notice.of_error(title, self.slot_trouble), level=level)
        yield from self._failures(self.overview)
        yield from self._doings(self.overview)

    def _failures(self, overview: Overview) -> Iterator[Notice]:
        for run in overview.phases:
            if run.state == "failed":
                what, _, remedy = (run.message or "").partition(_REMEDY)
                yield Notice("bad", f"{run.phase.replace('_', ' ').capitalize()} failed", what, remedy)
        different = len(overview.verification.different)
        if different:
            yield Notice("bad", f"{different} of {overview.verification.tables} verified tables differ")
        for stop in self.road:
            if stop.state == "stalled":
                yield Notice(
                    "warn",
                    f"{stop.title.capitalize()} is not being worked on",
                    "It was interrupted, or waits to be taken up again: nobody holds the sync on the target.",
                    "See the task in Airflow, and whether a triggerer runs. Nothing is lost meanwhile.",
                )

    @staticmethod
    def _doings(overview: Overview) -> Iterator[Notice]:
        if overview.paused:
            yield Notice(
                "warn",
                "Paused",
                "Neither load nor replication carries anything; the slot keeps the source's WAL meanwhile.",
                "Resume it before the WAL that is kept becomes too much for the source.",
            )
        applying = overview.applying
        if applying is not None and applying.stop_at is not None:
            yield Notice("info", f"Asked to stop at {applying.stop_at}", f"Applied so far: {applying.lsn}.")

    @property
    def last_errors(self) -> tuple[tuple[Failure, str, str], ...]:
        """The last errors of its phases, the newest first, each with what happened and what to do."""
        if self.overview is None:
            return ()
        parts = ((each, each.message.partition(_REMEDY)) for each in self.overview.failures)
        return tuple((each, what, remedy) for each, (what, _, remedy) in parts)

    @property
    def open_alerts(self) -> tuple[str, ...]:
        """The checks with alerts that nobody has accepted."""
        if self.overview is None:
            return ()
        accepted = {(each.check, each.subject) for each in self.overview.acknowledged}
        alerts = (each for each in self.overview.findings if each.status is Status.ALERT)
        return tuple(dict.fromkeys(a.check for a in alerts if (a.check, a.subject) not in accepted))

    @property
    def findings(self) -> tuple[tuple[Status, tuple[Finding, ...]], ...]:
        """The precheck's findings by status, those first that keep the sync from starting."""
        found = self.overview.findings if self.overview else ()
        groups = [
            (status, tuple(each for each in found if each.status is status)) for status in _FINDING_ORDER
        ]
        return tuple((status, group) for status, group in groups if group)


def difference(found: TableVerification) -> str:
    """How a table differs: what is missing where, and what has other values."""
    counts = {
        "missing on the target": found.missing_on_target,
        "only on the target": found.missing_on_source,
        "with other values": found.differing,
        "unsettled": found.unsettled,
    }
    said = [f"{number:,} {words}" for words, number in counts.items() if number]
    if said:
        return ", ".join(said)
    return "checksums differ" if found.source_rows == found.target_rows else "row counts differ"


def now() -> datetime:
    """The page's clock, in UTC."""
    return datetime.now(UTC)
