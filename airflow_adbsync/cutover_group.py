"""From a sync that runs to a target that has taken over, as tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import BaseOperator, TaskGroup, chain

from airflow_adbsync.engine.config import CutoverOptions, CutoverVerify
from airflow_adbsync.hooks.sync import ConfigLike, config_document, dag_file, read_config
from airflow_adbsync.notifiers import documents
from airflow_adbsync.operators.abort import AbortOperator
from airflow_adbsync.operators.activate import ActivateOperator
from airflow_adbsync.operators.cutover import CutoverOperator
from airflow_adbsync.operators.drain import DrainOperator
from airflow_adbsync.operators.fence import FenceOperator
from airflow_adbsync.operators.incremental import IncrementalOperator
from airflow_adbsync.operators.release import ReleaseOperator
from airflow_adbsync.operators.reverse import ReverseOperator
from airflow_adbsync.operators.sequences import SequenceOperator
from airflow_adbsync.operators.stop import StopOperator
from airflow_adbsync.operators.take_over import TakeOverOperator
from airflow_adbsync.operators.validate import ValidateOperator
from airflow_adbsync.operators.verify import VerifyOperator
from airflow_adbsync.sensors.slot_lag import SlotLagSensor


def cutover_task_group(
    config: ConfigLike,
    *,
    group_id: str = "cutover",
    back: bool = False,
    apart: bool = False,
    release: bool = False,
    notifiers: Sequence[Any] = (),
    default_args: dict[str, Any] | None = None,
    **group_options: Any,
) -> TaskGroup:
    """The cut-over of a sync that is loaded; see the configuration's ``cutover``.

    follow (replication, until it is done) beside lag > verify > approve > switch > validate, then release
    if asked for; with ``cutover.reverse`` way_back > follow_back, which replicates the other way until told
    to stop. The task abort undoes what a failed cut-over has left; stop ends replication, however it went.

    :param config: the sync, as for `sync_task_group`.
    :param back: go back: cut over the sync that an earlier cut-over of this one with ``reverse`` has made.
    :param apart: fence, drain, compare, sequences, activate, reverse and take_over as tasks of their own. One
        sees more, and nobody can write for as long as Airflow takes between them.
    :param release: end the sync when the target has taken over. The source stays fenced.
    :param notifiers: as for `sync_task_group`.

    Raises:
        ConfigError: the configuration can't be used.
    """
    document = config_document(config, dag_file(1).parent)
    args: Any = {"notifiers": documents(notifiers), **(default_args or {})}
    group = TaskGroup(group_id=group_id, default_args=args, **group_options)
    with group:
        cutover_road(document, back=back, apart=apart, release=release)
    return group


def cutover_road(config: Any, *, back: bool, apart: bool, release: bool) -> list[BaseOperator]:
    """The tasks, in the group or DAG around; returned are those with which they begin."""
    options = read_config(config).cutover
    begin: list[BaseOperator] = []
    if back:
        options = options.model_copy(update={"reverse": False})
        found = ReverseOperator(task_id="way_back", config=config)
        config = found.output
        begin = [found]
    follow = IncrementalOperator(task_id="follow", config=config, until="switched")
    lag = SlotLagSensor(
        task_id="lag",
        config=config,
        max_bytes=options.max_lag_bytes,
        max_seconds=options.max_lag.total_seconds(),
        poke_interval=2,
    )
    steps = _apart(config, options) if apart else _together(config)
    live = VerifyOperator(task_id="verify", config=config)
    chain(*[lag, live, *([_approval(config, back=back)] if options.approval else []), *steps])
    abort = AbortOperator(task_id="abort", config=config)
    stop = StopOperator(task_id="stop", config=config, trigger_rule="all_done")
    chain(steps, abort, stop)
    validate = ValidateOperator(task_id="validate", config=config)
    chain(steps[-1], [stop, validate])
    if options.reverse:
        _follow_back(config, steps)
    if release:
        chain([validate, follow, stop], ReleaseOperator(task_id="release", config=config))
    return begin or [follow, lag]


def _together(config: Any) -> list[BaseOperator]:
    return [CutoverOperator(task_id="switch", config=config)]


def _apart(config: Any, options: CutoverOptions) -> list[BaseOperator]:
    steps: list[BaseOperator] = [
        FenceOperator(task_id="fence", config=config),
        DrainOperator(task_id="drain", config=config),
    ]
    if options.verify is not CutoverVerify.NONE:
        steps.append(VerifyOperator(task_id="compare", config=config, mode=options.verify.value))
    steps += [
        SequenceOperator(task_id="sequences", config=config),
        ActivateOperator(task_id="activate", config=config),
    ]
    if options.reverse:
        steps.append(ReverseOperator(task_id="reverse", config=config))
    return [*steps, TakeOverOperator(task_id="take_over", config=config)]


def _approval(config: Any, *, back: bool) -> BaseOperator:
    what = "the sync" if back else f"sync {config['sync_id']}"
    return ApprovalOperator(
        task_id="approve",
        subject=f"Cut over {what}{' back' if back else ''}?",
        body="The lag is small enough. On approval the source is fenced and the target takes over.",
        retries=0,
    )


def _follow_back(config: Any, steps: list[BaseOperator]) -> None:
    """It begins once the target has taken over, and goes on until it is told to stop."""
    made = ReverseOperator(task_id="way_back", config=config)
    chain(steps[-1], made, IncrementalOperator(task_id="follow_back", config=made.output, until="switched"))
