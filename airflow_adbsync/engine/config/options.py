"""How the phases behave; every option has a default that suits most databases."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from airflow_adbsync.engine.config.quantities import Duration, Size
from airflow_adbsync.engine.config.section import Section
from airflow_adbsync.engine.config.tables import Operation


class PrecheckOptions(Section):
    """``acknowledge`` names the checks whose alerts were read and accepted.

    ``measure_bandwidth``: send generated data from the source to the target for two seconds at most.
    ``capacity``: how much the target's disks hold, where the server doesn't tell. ``long_transaction``: from
    which age on an open transaction of the source is worth an alert.
    """

    acknowledge: tuple[str, ...] = ()
    measure_bandwidth: bool = True
    capacity: Size | None = None
    long_transaction: Duration = timedelta(minutes=10)


class ReplicaIdentityOptions(Section):
    """How long ALTER TABLE may wait for its lock each time, and for how long it is tried again."""

    lock_timeout: Duration = timedelta(seconds=3)
    retry_for: Duration = timedelta(minutes=5)


class TriggerMode(StrEnum):
    """What becomes of triggers and rules on the target."""

    DISABLED = "disabled"
    ENABLED = "enabled"
    OMIT = "omit"


class Partitions(StrEnum):
    """What becomes of a partitioned table: one plain table, or the same tree of partitions."""

    FLATTEN = "flatten"
    KEEP = "keep"


class Existing(StrEnum):
    """What becomes of tables that the target has already: they stop the sync, or they are kept."""

    FAIL = "fail"
    IGNORE = "ignore"


class ExistingRows(StrEnum):
    """What becomes of the rows of a kept table: they stop the sync, are replaced by the source's, or stay
    beside these (of two with the same key the target's)."""

    REFUSE = "refuse"
    REPLACE = "replace"
    KEEP = "keep"


class SchemaOptions(Section):
    """``triggers``: triggers and rules are made ``disabled`` until the cut-over, for replication brings what
    they have done on the source; or they fire as on the source (``enabled``), or stay behind (``omit``).

    ``grants``: privileges are carried too, for those roles that the target has.

    ``partitions``: a partitioned table becomes one plain table (``flatten``, the default towards AnalyticDB)
    or keeps its partitions (``keep``, the default towards the others).

    ``existing``: tables and other objects that the target has already stop the sync (``fail``), or are kept
    as they are if their columns fit (``ignore``).

    Keys, indexes and the validation of foreign keys run in ``index_workers`` sessions, each with
    ``maintenance_work_mem`` (the target's own, where nothing is said); every ``report_every`` the log says
    how far the long ones are.
    """

    triggers: TriggerMode = TriggerMode.DISABLED
    grants: bool = False
    partitions: Partitions | None = None
    existing: Existing = Existing.FAIL
    index_workers: Annotated[int, Field(ge=1, le=64)] = 4
    maintenance_work_mem: Annotated[Size, Field(ge=1 << 20)] | None = None
    report_every: Duration = timedelta(seconds=30)


def _within(minutes: int) -> AfterValidator:
    """Not at all, or between so many minutes and a day."""

    def check(value: timedelta) -> timedelta:
        if value and not timedelta(minutes=minutes) <= value <= timedelta(days=1):
            raise ValueError(f"{value} is out of range: write {minutes}min to 24h, or 0 for not at all")
        return value

    return AfterValidator(check)


class PaceOptions(Section):
    """How many changed ``rows`` and ``bytes`` may be carried in a second; without a value any number."""

    rows: Annotated[float, Field(gt=0)] | None = None
    bytes: Annotated[Size, Field(gt=0)] | None = None


class ThrottleOptions(PaceOptions):
    """What all tasks together may read from the source and write to the target in a second.

    ``queries`` counts the tables that are begun.
    """

    queries: Annotated[float, Field(gt=0)] | None = None


class LoadOptions(Section):
    """``max_tasks`` bounds the mapped Airflow tasks into which the tables are packed.

    Each of them uses up to ``connections_per_task`` connections to either side. A table larger than
    ``chunk_bytes`` is read in chunks, which several connections share, and which are committed one by one.

    What can pass is tried again: lost connections for ``retry_connections_for`` (10 minutes to a day), the
    rest for ``retry_for`` (1 minute to a day, and no longer than that), from the first failure on; 0: never.

    ``existing_rows``: what becomes of the rows of a table that was on the target before the sync and is kept.
    """

    max_tasks: Annotated[int, Field(ge=1, le=1024)] = 8
    connections_per_task: Annotated[int, Field(ge=1, le=64)] = 2
    chunk_bytes: Annotated[Size, Field(ge=1 << 20)] = 1 << 30
    throttle: ThrottleOptions = ThrottleOptions()
    existing_rows: ExistingRows = ExistingRows.REFUSE
    retry_connections_for: Annotated[Duration, _within(minutes=10)] = timedelta(hours=12)
    retry_for: Annotated[Duration, _within(minutes=1)] = timedelta(minutes=10)

    @model_validator(mode="after")
    def _connections_are_tried_longest(self) -> Self:
        if 0 < self.retry_connections_for.total_seconds() < self.retry_for.total_seconds():
            raise ValueError(
                "`retry_for` is longer than `retry_connections_for`: a lost connection takes longest to mend"
            )
        return self


class ConflictRule(StrEnum):
    """What becomes of a change whose row is missing on the target, or is there already.

    ``fail``: nothing is applied, and the error names the row. ``overwrite``: the source's row is put there.
    ``ignore``: the target's state stays. The latter two are counted and shown.
    """

    FAIL = "fail"
    OVERWRITE = "overwrite"
    IGNORE = "ignore"


class TruncateRule(StrEnum):
    """What becomes of a TRUNCATE on the source."""

    APPLY = "apply"
    IGNORE = "ignore"
    REFUSE = "refuse"


class DdlRule(StrEnum):
    """What becomes of columns that are added on the source: an error, or the target's table gets them too."""

    FAIL = "fail"
    ADD_COLUMNS = "add_columns"


class ApplyOn(StrEnum):
    """Where the applier runs: beside the trigger, or in a worker that is woken when there is work."""

    TRIGGERER = "triggerer"
    WORKER = "worker"


class IncrementalOptions(Section):
    """A batch ends at the first of these bounds; a larger transaction is applied in parts, yet atomically.

    ``apply_on: worker``: the trigger only watches. A worker is woken once the target is ``wake_bytes`` of WAL
    or ``wake_after`` behind, and gives its place back when there was nothing to apply for ``idle_after``.

    ``retry_for`` is how long lost connections are tried again before the task fails. ``operations`` are
    carried of every table of which `tables` does not say otherwise.

    ``both_ways``: another sync carries the other way at the same time. What either of them applies is marked
    with a replication origin, and not sent back (source: PostgreSQL 16 or newer).

    ``follow_promotion``: go on after a standby of the source has been promoted, if the slot was taken along
    and the target holds nothing that the new primary lacks.
    """

    operations: Annotated[tuple[Operation, ...], Field(min_length=1)] = tuple(Operation)
    both_ways: bool = False
    follow_promotion: bool = False
    apply_on: ApplyOn = ApplyOn.TRIGGERER
    wake_bytes: Annotated[Size, Field(ge=1)] = 16 << 20
    wake_after: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=1)
    idle_after: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=30)
    on_conflict: ConflictRule = ConflictRule.FAIL
    truncate: TruncateRule = TruncateRule.APPLY
    ddl: DdlRule = DdlRule.FAIL
    throttle: PaceOptions = PaceOptions()
    max_batch_changes: Annotated[int, Field(ge=1)] = 50_000
    max_batch_bytes: Annotated[Size, Field(ge=1024)] = 16 << 20
    max_batch_age: Duration = timedelta(milliseconds=500)
    heartbeat_every: Duration = timedelta(seconds=5)
    sample_lag_every: Duration = timedelta(seconds=5)
    retry_for: Duration = timedelta(hours=12)
