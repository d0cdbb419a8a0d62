"""Putting replica identities back."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.model import QualifiedName, ReplicaIdentity
from airflow_adbsync.engine.replica_identity.alteration import Alteration
from airflow_adbsync.engine.replica_identity.altering import alter
from airflow_adbsync.engine.replica_identity.restoration import Present, put_back
from airflow_adbsync.engine.state.identities import IdentityChange
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)


def restore(sync: Sync) -> tuple[IdentityChange, ...]:
    """Put back what `prepare` found, and return what was put back.

    Left alone, with a word in the log: a table that is gone, one that somebody has changed since, and one
    that another publication publishes, which may need it as it is.

    Raises:
        LockNotObtained: a table's lock was not given in time.
    """
    changes = _recorded(sync)
    if not changes:
        return ()
    with (
        typed_errors(sync.source, "reading replica identities"),
        connect(sync.source, autocommit=True) as source,
    ):
        present = _present(source, sync.slot_name, changes)
    verdicts = {change.name: put_back(change, present.get(change.name)) for change in changes}
    left = {name: why for name, why in verdicts.items() if isinstance(why, str)}
    for name, why in left.items():
        _LOG.info("%s: replica identity not put back: %s.", name, why)
    _forget(sync, list(left))
    _alter_and_forget(sync, [verdict for verdict in verdicts.values() if isinstance(verdict, Alteration)])
    return tuple(change for change in changes if change.name not in left)


def _alter_and_forget(sync: Sync, alterations: Sequence[Alteration]) -> None:
    def done(made: Alteration) -> None:
        _LOG.info("%s: replica identity %s again.", made.name, made.to.name)
        restored.append(made.name)

    restored: list[QualifiedName] = []
    try:
        alter(sync.source, sync.config.replica_identity, alterations, done)
    finally:
        _forget(sync, restored)


def _recorded(sync: Sync) -> tuple[IdentityChange, ...]:
    with typed_errors(sync.target, "reading recorded replica identities"), connect(sync.target) as target:
        return state.identities.read(target, sync.sync_id) if state.is_present(target) else ()


def _forget(sync: Sync, names: Sequence[QualifiedName]) -> None:
    with typed_errors(sync.target, "recording replica identities"), connect(sync.target) as target:
        for name in names:
            state.identities.forget(target, sync.sync_id, name)


def _present(
    conn: Connection, publication: str, changes: Sequence[IdentityChange]
) -> dict[QualifiedName, Present]:
    elsewhere = {
        QualifiedName(*row)
        for row in conn.execute(
            query(__package__, "published_elsewhere"), {"publication": publication}
        ).fetchall()
    }
    parameters = {
        "schemas": [change.name.schema for change in changes],
        "names": [change.name.name for change in changes],
        "indexes": [change.before_index for change in changes],
    }
    present = {}
    for oid, schema, name, identity, index, *root in conn.execute(query(__package__, "present"), parameters):
        names = {QualifiedName(schema, name), QualifiedName(*root)}
        present[QualifiedName(schema, name)] = Present(
            oid, ReplicaIdentity(identity), index, bool(names & elsewhere)
        )
    return present
