"""A DAG of each YAML file in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.sdk import DAG

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.hooks.sync import dag_file
from airflow_adbsync.task_groups import sync_dag


class BrokenFiles(DAG):
    """Stands for files that describe no sync: Airflow shows what it says as an import error of the DAG file.

    The DAGs of the other files are not held back by it.
    """

    complaint = ""

    def validate(self) -> None:
        """Refuse to be a DAG.

        Raises:
            ConfigError: always; it names each file and line.
        """
        raise ConfigError(self.complaint)


def adbsync_dags(folder: str | Path, **options: Any) -> dict[str, DAG]:
    """Make a `sync_dag` of each ``*.yaml`` and ``*.yml`` file in a folder, which counts from the DAG file on.

    A file that is broken shows up as an import error that names it and the line; the others' DAGs stay.

    :param options: for all of them, as for `sync_dag`.

    Returns the DAGs by their ids; Airflow finds them without being given this.

    Raises:
        ConfigError: there is no such folder, or nothing in it.
    """
    place = Path(dag_file(1).parent, folder)
    files = sorted([*place.glob("*.yaml"), *place.glob("*.yml")])
    if not files:
        raise ConfigError(f"{place} holds no YAML file.", remedy="Put one into it for each sync.")
    dags: dict[str, DAG] = {}
    complaints: list[str] = []
    for file in files:
        try:
            dag = _dag_of(file, options, known=dags)
        except ConfigError as error:
            complaints.append(str(error))
        else:
            dags[dag.dag_id] = dag
    if complaints:
        _complain(place, complaints)
    for dag in dags.values():
        dag.fileloc = str(dag_file(1))
    return dags


def _dag_of(file: Path, options: dict[str, Any], known: dict[str, DAG]) -> DAG:
    dag = sync_dag(file, auto_register=False, **options)
    if dag.dag_id in known:
        raise ConfigError(
            f"{file}: another file here makes the DAG {dag.dag_id} already.",
            remedy="Give each its own sync_id.",
        )
    dag.auto_register = True
    # Entering it is what makes it known to Airflow.
    with dag:
        return dag


def _complain(place: Path, complaints: list[str]) -> None:
    broken = BrokenFiles(dag_id=f"adbsync_broken_{place.name}")
    broken.complaint = "\n".join(complaints)
    with broken:
        return
