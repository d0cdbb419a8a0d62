"""Setting the replica identities that the sync needs."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import read_relations, read_server
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.replica_identity.alteration import Alteration
from airflow_adbsync.engine.replica_identity.altering import alter
from airflow_adbsync.engine.replica_identity.planning import plan
from airflow_adbsync.engine.replica_identity.reading import read
from airflow_adbsync.engine.state.identities import IdentityChange
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)


def prepare(sync: Sync) -> tuple[IdentityChange, ...]:
    """Set what is needed and return what was changed now; what was found is kept on the target.

    Raises:
        LockNotObtained: a table's lock was not given in time.
        RightMissing: a table that must change belongs to another account.
    """
    with typed_errors(sync.target, "making the control schema"), connect(sync.target) as target:
        state.ensure(target)
    with state.phases.running(sync.target, sync.sync_id, "replica_identity"):
        return _prepare(sync)


def _prepare(sync: Sync) -> tuple[IdentityChange, ...]:
    with (
        typed_errors(sync.source, "reading replica identities"),
        connect(sync.source, autocommit=True) as source,
    ):
        relations = read_relations(source, sync.config.objects)
        tables = read(source, relations)
        changes = plan(tables, read_server(source).family, sync.shapes.whole_rows(relations))
    _record(sync, changes)
    oids = {table.name: table.oid for table in tables}
    before = {change.name: change.before for change in changes}
    alter(
        sync.source,
        sync.config.replica_identity,
        [Alteration(oids[change.name], change.name, change.after) for change in changes],
        lambda made: _LOG.info(
            "%s: replica identity %s, was %s.", made.name, made.to.name, before[made.name].name
        ),
    )
    _LOG.info("Replica identity: %d of %d tables changed.", len(changes), len(tables))
    return changes


def _record(sync: Sync, changes: Sequence[IdentityChange]) -> None:
    """Before they are made, so that whatever was changed is known."""
    with typed_errors(sync.target, "recording replica identities"), connect(sync.target) as target:
        for change in changes:
            state.identities.record(target, sync.sync_id, change)
