"""Which syncs a serialized DAG holds."""

from __future__ import annotations

import json
from typing import Any

from airflow_adbsync.plugin.references import SyncReference, SyncTask, listing, references_in


def task(
    task_id: str, module: str, sync: str | None = "shop", waits: bool = False, **more: Any
) -> dict[str, Any]:
    document = {"sync_id": sync, "source": "a", "target": "b", **({"waits": True} if waits else {})}
    reference = json.dumps(document) if sync else None
    bare = {"task_id": task_id, "_task_module": f"airflow_adbsync.operators.{module}", **more}
    return {"__type": "operator", "__var": {**bare, "sync_reference": reference} if reference else bare}


def found(*tasks: dict[str, Any]) -> list[SyncReference]:
    return list(references_in("the_dag", {"dag": {"tasks": list(tasks)}}))


def test_tasks_are_gathered_by_sync_and_know_their_phase() -> None:
    (sync,) = found(
        task("group.precheck", "precheck"),
        task("group.load", "full_load", None, _is_mapped=True),
        task("stop", "stop"),
        {"__var": {"task_id": "etl", "_task_module": "airflow.operators.python"}},
    )
    assert (sync.dag_id, sync.sync_id, sync.source, sync.target) == ("the_dag", "shop", "a", "b")
    assert sync.task_of("precheck") == "group.precheck"
    assert sync.task_of("load") == "group.load"
    assert sync.task_of("verify") is None
    assert SyncTask("stop", "") in sync.tasks
    assert {each.task_id for each in sync.tasks} == {"group.precheck", "group.load", "stop"}


def test_a_mapped_task_of_a_dag_with_two_syncs_is_nobodys() -> None:
    syncs = found(
        task("a.precheck", "precheck", "one"),
        task("b.precheck", "precheck", "two"),
        task("load", "full_load", None, _is_mapped=True),
    )
    assert [sync.sync_id for sync in syncs] == ["one", "two"]
    assert all(sync.task_of("load") is None for sync in syncs)


def test_a_dag_that_only_waits_does_nothing_of_the_sync() -> None:
    (gated,) = found(task("gate", "anything", waits=True))
    assert (gated.only_waits, gated.key) == (True, ("b", "shop"))
    (both,) = found(task("gate", "anything", waits=True), task("verify", "verify"))
    assert not both.only_waits
    assert {each.task_id for each in both.tasks} == {"gate", "verify"}


def test_what_is_no_reference_is_left_alone() -> None:
    for text in ("", "[]", "{}", "not json", '{"sync_id": "x"}', None, 5):
        assert not found({"__var": {"task_id": "t", "sync_reference": text}})
    assert not list(references_in("the_dag", {}))


def test_a_sync_of_two_dags_is_listed_once_under_the_one_that_does_most() -> None:
    long = SyncReference("z_move", "shop", "a", "b", (SyncTask("x", "load"), SyncTask("y", "verify")))
    short = SyncReference("a_stop", "shop", "a", "b", (SyncTask("stop", ""),))
    other = SyncReference("a_stop", "shop", "a", "elsewhere")
    listed = listing([short, other, long])
    assert [(each.sync.dag_id, each.also) for each in listed] == [("z_move", ("a_stop",)), ("a_stop", ())]
