"""DAGs from a folder of YAML files: those that are well, and those that are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.definitions.param import ParamsDict
from airflow.serialization.serialized_objects import DagSerialization

from airflow_adbsync import adbsync_dags, sync_dag
from airflow_adbsync.engine.errors import ConfigError

GOOD = "sync_id: {id}\nsource: a\ntarget: b\nobjects:\n  schemas: [public]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "syncs").mkdir()
    dag_file = 'from airflow_adbsync import adbsync_dags\n\nadbsync_dags("syncs/", until="stopped")\n'
    (tmp_path / "all.py").write_text(dag_file, encoding="utf-8")
    for name in ("one", "two"):
        (tmp_path / "syncs" / f"{name}.yaml").write_text(GOOD.format(id=name), encoding="utf-8")
    return tmp_path


def test_each_file_is_a_dag(folder: Path) -> None:
    bag = DagBag(folder)
    assert bag.import_errors == {}
    assert set(bag.dag_ids) == {"adbsync_one", "adbsync_two"}
    assert bag.dags["adbsync_one"].params["until"] == "stopped"
    assert bag.dags["adbsync_one"].fileloc == str(folder / "all.py")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            GOOD.format(id="three") + "load:\n  max_taks: 3\n",
            "three.yaml, line 7: .*max_tasks",
        ),
        (GOOD.format(id="three") + "load: {max_tasks: 0}\nfoo: 1\n", "three.yaml, lines 6 and 7: "),
        ("sync_id: three\nsource: [\n", "three.yaml is not YAML.*(?s:.)*line 3"),
        (GOOD.format(id="one"), "three.yaml: another file here makes the DAG adbsync_one"),
    ],
)
def test_a_broken_file_is_an_import_error_that_names_it_and_the_others_stay(
    folder: Path, text: str, expected: str
) -> None:
    (folder / "syncs" / "three.yaml").write_text(text, encoding="utf-8")
    bag = DagBag(folder)
    assert set(bag.dag_ids) == {"adbsync_one", "adbsync_two"}
    (error,) = bag.import_errors.values()
    with pytest.raises(ConfigError, match=expected):
        raise ConfigError(error)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no YAML file"):
        adbsync_dags(tmp_path)


def test_the_form_shows_choices_and_refuses_others() -> None:
    config = {"sync_id": "form", "source": "a", "target": "b", "objects": {"schemas": ["public"]}}
    dag = sync_dag(config, dag_id="form")
    shown = json.loads(json.dumps(DagSerialization.to_dict(dag)))["dag"]["params"]
    assert {name for name, _ in shown} >= {"until", "until_value", "acknowledge"}
    params: ParamsDict = dag.params
    params.validate()
    until = params.get_param("until").schema
    assert set(until["values_display"]) == set(until["enum"])
    for name in params:
        assert params.get_param(name).schema["title"]
    with pytest.raises(ValueError, match="now"):
        params.get_param("until").resolve("now")
