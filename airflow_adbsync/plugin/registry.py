"""Which syncs there are: told by the serialized DAGs in Airflow's database."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from airflow.models.dag import DagModel
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils.session import create_session

from airflow_adbsync.plugin.references import SyncReference, references_in

_AT_A_TIME = 100


class Registry:
    """Reads the DAGs' serialized forms, each again only after it has changed."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[Any, tuple[SyncReference, ...]]] = {}

    def of_dags(self, dag_ids: Collection[str]) -> list[SyncReference]:
        """The syncs of these DAGs, as far as those are active; blocks on Airflow's database."""
        return [sync for sync in self._named_in(dag_ids) if not sync.only_waits]

    def waited_for(self, dag_id: str) -> list[SyncReference]:
        """The syncs of other DAGs that this one's sensors wait for; blocks likewise."""
        return [sync for sync in self._named_in({dag_id}) if sync.only_waits]

    def _named_in(self, dag_ids: Collection[str]) -> list[SyncReference]:
        with create_session() as session:
            wanted = {
                row[0]
                for row in session.query(DagModel.dag_id)
                .filter(DagModel.is_stale.is_(False), DagModel.dag_id.in_(dag_ids))
                .all()
            }
            versions = _latest(
                session.query(SerializedDagModel.dag_id, SerializedDagModel.last_updated)
                .filter(SerializedDagModel.dag_id.in_(wanted))
                .all()
            )
            changed = sorted(
                dag_id for dag_id in wanted if self._read.get(dag_id, ("", ()))[0] != versions.get(dag_id)
            )
            for start in range(0, len(changed), _AT_A_TIME):
                chunk = changed[start : start + _AT_A_TIME]
                for row in SerializedDagModel.get_latest_serialized_dags(dag_ids=chunk, session=session):
                    found = tuple(references_in(row.dag_id, row.data or {}))
                    self._read[row.dag_id] = (versions.get(row.dag_id), found)
        return [sync for dag_id in sorted(wanted) for sync in self._read.get(dag_id, ("", ()))[1]]


def _latest(rows: Iterable[Any]) -> dict[str, Any]:
    latest: dict[str, Any] = {}
    for dag_id, updated in rows:
        latest[dag_id] = max(updated, latest.get(dag_id, updated))
    return latest
