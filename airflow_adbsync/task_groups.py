"""From a sync's configuration to its tasks: the standard task group and the standard DAG."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import DAG, TaskGroup, chain

from airflow_adbsync.cutover_group import cutover_road
from airflow_adbsync.hooks.sync import ConfigLike, config_document, dag_file
from airflow_adbsync.notifiers import documents
from airflow_adbsync.operators.activate import ActivateOperator
from airflow_adbsync.operators.finish_schema import FinishSchemaOperator
from airflow_adbsync.operators.full_load import FullLoadOperator
from airflow_adbsync.operators.incremental import IncrementalOperator
from airflow_adbsync.operators.plan_load import PlanLoadOperator
from airflow_adbsync.operators.precheck import PrecheckOperator
from airflow_adbsync.operators.release import ReleaseOperator
from airflow_adbsync.operators.replica_identity import ReplicaIdentityOperator
from airflow_adbsync.operators.schema import SchemaOperator
from airflow_adbsync.operators.sequences import SequenceOperator
from airflow_adbsync.operators.start import StartOperator
from airflow_adbsync.operators.verify import VerifyOperator
from airflow_adbsync.trigger_form import form

_RETRIES = 3
_RETRY_DELAY = timedelta(seconds=30)
_CHOSEN_THROTTLE = {
    "rows": "{{ params.throttle_rows or '' }}",
    "bytes": "{{ params.throttle_bytes or '' }}",
}


def sync_task_group(
    config: ConfigLike,
    *,
    group_id: str | None = None,
    until: str = "caught_up",
    until_value: str | datetime | None = None,
    timeout: timedelta | None = None,
    apply_on: str | None = None,
    release: bool = False,
    cutover: bool = False,
    acknowledge: Sequence[str] | str = (),
    notifiers: Sequence[Any] = (),
    default_args: dict[str, Any] | None = None,
    **group_options: Any,
) -> TaskGroup:
    """The standard road of a sync, as a task group of the DAG around it.

    precheck > replica_identity > start > schema > plan_load > load[n] > finish_schema > incremental > verify
    > sequences, and > activate > release if asked for.

    :param config: a `SyncConfig`, a mapping of its keys, or the path of a YAML file (from the DAG file on).
    :param group_id: by default the sync's id.
    :param until: how long to replicate, see `IncrementalOperator`; so are ``until_value``, ``timeout`` and
        ``apply_on``.
    :param release: end the sync: enable triggers and rules on the target, drop slot and publication.
    :param cutover: let the target take over: what follows finish_schema is a `cutover_task_group`, and
        ``until`` does not count.
    :param acknowledge: checks whose alerts are accepted, besides those of the configuration, see
        `PrecheckOperator`.
    :param notifiers: who is told of alerts (see the configuration's ``alerts``) and of failures.
    :param default_args: as everywhere in Airflow; by default a task is tried again three times.

    Raises:
        ConfigError: the configuration can't be used.
    """
    document = config_document(config, dag_file(1).parent)
    args: Any = {**_defaults(notifiers), **(default_args or {})}
    group = TaskGroup(group_id=group_id or document["sync_id"], default_args=args, **group_options)
    with group:
        _road(
            document,
            until=until,
            until_value=until_value,
            timeout=timeout,
            apply_on=apply_on,
            release=release,
            cutover=cutover,
            acknowledge=acknowledge,
        )
    return group


def sync_dag(
    config: ConfigLike,
    *,
    dag_id: str | None = None,
    schedule: Any = None,
    until: str = "caught_up",
    until_value: str | None = None,
    timeout: timedelta | None = None,
    apply_on: str | None = None,
    release: bool = False,
    cutover: bool = False,
    notifiers: Sequence[Any] = (),
    default_args: dict[str, Any] | None = None,
    **dag_options: Any,
) -> DAG:
    """A DAG of the standard road and nothing else; one run at a time.

    Whoever triggers it may choose ``until``, ``until_value``, the throttle and how to verify anew, and
    acknowledge alerts of the precheck by the names of their checks; who that was is kept with the findings.
    What is not named here is named as in `sync_task_group` or in `airflow.sdk.DAG`.
    """
    file = dag_file(1)
    document = config_document(config, file.parent)
    options: dict[str, Any] = {"catchup": False, "max_active_runs": 1, "tags": ["adbsync"], **dag_options}
    options["params"] = {**form(until, until_value), **dag_options.get("params", {})}
    dag = DAG(
        dag_id=dag_id or f"adbsync_{document['sync_id']}",
        schedule=schedule,
        default_args={**_defaults(notifiers), **(default_args or {})},
        **options,
    )
    # The UI shows the file that asks for the DAG, not this one.
    dag.fileloc = str(file)
    with dag:
        _road(
            document,
            until="{{ params.until }}",
            until_value="{{ params.until_value or '' }}",
            timeout=timeout,
            apply_on=apply_on,
            release=release,
            cutover=cutover,
            acknowledge="{{ params.acknowledge | join(',') }}",
            verify_mode="{{ params.verify_mode }}",
            throttle=_CHOSEN_THROTTLE,
        )
    return dag


def _defaults(notifiers: Sequence[Any]) -> dict[str, Any]:
    return {"retries": _RETRIES, "retry_delay": _RETRY_DELAY, "notifiers": documents(notifiers)}


def _road(
    config: dict[str, Any],
    *,
    until: str,
    until_value: str | datetime | None,
    timeout: timedelta | None,
    apply_on: str | None,
    release: bool,
    cutover: bool,
    acknowledge: Sequence[str] | str,
    verify_mode: str | None = None,
    throttle: dict[str, str] | None = None,
) -> None:
    precheck = PrecheckOperator(task_id="precheck", config=config, acknowledge=acknowledge)
    replica_identity = ReplicaIdentityOperator(task_id="replica_identity", config=config)
    start = StartOperator(task_id="start", config=config)
    schema = SchemaOperator(task_id="schema", config=config)
    plan_load = PlanLoadOperator(task_id="plan_load", config=config, throttle=throttle)
    load = FullLoadOperator.partial(
        task_id="load", config=config, map_index_template="bin {{ task.bin.number }}"
    ).expand(bin=plan_load.output)
    finish_schema = FinishSchemaOperator(task_id="finish_schema", config=config)
    chain(precheck, replica_identity, start, schema, plan_load, load, finish_schema)
    if cutover:
        with TaskGroup("cutover") as group:
            cutover_road(config, back=False, apart=False, release=release)
        chain(finish_schema, group)
        return
    incremental = IncrementalOperator(
        task_id="incremental",
        config=config,
        until=until,
        until_value=until_value,
        timeout=timeout,
        throttle=throttle,
        apply_on=apply_on,
    )
    verify = VerifyOperator(task_id="verify", config=config, mode=verify_mode)
    sequences = SequenceOperator(task_id="sequences", config=config)
    chain(finish_schema, incremental, verify, sequences)
    if release:
        activate = ActivateOperator(task_id="activate", config=config)
        chain(sequences, activate, ReleaseOperator(task_id="release", config=config))
