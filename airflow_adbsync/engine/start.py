"""Starting a sync: its record on the target, then its publication and its slot on the source.

The order makes a crash at any point harmless: what the record knows nothing of is somebody else's, and what
it knows as begun is finished by running again. The publication stands before the slot, so that everything
that the slot delivers is decoded with it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from airflow_adbsync.engine import publication, slot, state
from airflow_adbsync.engine.blockers import wait_for_open_transactions
from airflow_adbsync.engine.catalog import read_relations
from airflow_adbsync.engine.changes import ChangePlan, compare
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.dialect import Capabilities, capabilities
from airflow_adbsync.engine.errors import PublicationMissing, SlotTaken
from airflow_adbsync.engine.model import Lsn, QualifiedName, Relation, RelationKind, Server
from airflow_adbsync.engine.state.syncs import SyncRecord
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
# CREATE and ALTER PUBLICATION wait for VACUUM and DDL on its tables, not for readers or writers.
_LOCK_TIMEOUT = "60s"
_OPEN_TRANSACTIONS_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Started:
    """The slot delivers what commits after ``lsn``; ``created`` is false where it stood already."""

    slot_name: str
    lsn: Lsn
    created: bool


def start(sync: Sync) -> Started:
    """Register the sync and create its publication and slot, as far as that has not been done.

    Safe to run again at any time, also with a changed configuration: what changes is in the log first. A
    table that is carried otherwise than before counts as not loaded.

    Raises:
        ConfigError: the selected tables can't be read.
        CapabilityMissing: the source has no logical decoding.
        SlotTaken: a slot or publication of this name is there, and this target knows nothing of it.
        SlotMissing, SlotLost, PublicationMissing: the sync was started, and can't go on.
        SourceSwapped, SourcePromoted, TargetAhead: the sync was started with another source, or it was
            promoted since.
        LockNotObtained: transactions that must end first have not ended in time.
    """
    with typed_errors(sync.target, "making the control schema"), connect(sync.target) as target:
        state.ensure(target)
    with (
        state.phases.running(sync.target, sync.sync_id, "start"),
        typed_errors(sync.source, "starting the sync"),
        connect(sync.source, autocommit=True, lock_timeout=_LOCK_TIMEOUT) as source,
        connect(sync.target, autocommit=True) as target,
    ):
        with typed_errors(sync.target, "starting the sync"):
            state.ownership.hold_setup(target, sync.sync_id)
        return _start(sync, source, target)


def _start(sync: Sync, source: Connection, target: Connection) -> Started:
    server = slot.read_source(source, sync.source)
    able = capabilities(server)
    able.need("logical_decoding")
    relations = read_relations(source, sync.config.objects)
    record = _register(sync, source, target, server, relations)
    if record.start_lsn is not None:
        return _go_on(sync, source, target, record, relations)
    _publish(sync, source, able, relations)
    _drop_half_made_slot(sync, source)
    lsn = slot.create(sync.source, sync.slot_name, failover=able.failover_slots)
    # What had committed by the source's log before the slot stood, the slot leaves out; it may take a while
    # until a load sees it (with synchronous standbys, until these have confirmed it).
    _wait_for_open_transactions(sync, source)
    with typed_errors(sync.target, "recording the slot"), target.transaction():
        state.syncs.set_start(target, sync.sync_id, lsn)
        state.progress.begin(target, sync.sync_id, lsn)
    _LOG.info("Slot %s created at %s.", sync.slot_name, lsn)
    return Started(sync.slot_name, lsn, created=True)


def _register(
    sync: Sync, source: Connection, target: Connection, server: Server, relations: Sequence[Relation]
) -> SyncRecord:
    with typed_errors(sync.target, "reading the sync"):
        record = state.syncs.find(target, sync.sync_id)
    if record is None:
        _refuse_taken_names(sync, source)
    else:
        follow = sync.config.incremental.follow_promotion
        with typed_errors(sync.target, "reading the sync"):
            slot.accept_source(target, sync.source, record, server, follow=follow)
    names = [relation.name for relation in relations]
    plan = _announce(sync, target, names)
    with typed_errors(sync.target, "registering the sync"), target.transaction():
        state.syncs.register(target, sync.config, sync.slot_name, server)
        state.relations.enlist(target, sync.sync_id, names)
        state.relations.delist_others(target, sync.sync_id, names)
        state.relations.unload(target, sync.sync_id, [name for name, _ in plan.reload])
        return state.syncs.get(target, sync.sync_id)


def _announce(sync: Sync, target: Connection, names: Sequence[QualifiedName]) -> ChangePlan:
    """Say what the configuration changes before it counts."""
    with typed_errors(sync.target, "reading the sync"):
        before = state.syncs.find_config(target, sync.sync_id)
        listed = tuple(state.relations.read(target, sync.sync_id))
    if before is None:
        return ChangePlan()
    plan = compare(before, sync.config, listed, names)
    if not plan.is_empty:
        _LOG.info("The configuration of sync %s has changed:\n%s", sync.sync_id, plan)
    return plan


def _refuse_taken_names(sync: Sync, source: Connection) -> None:
    taken = [
        kind
        for kind, found in (
            ("slot", slot.find(source, sync.slot_name)),
            ("publication", publication.find(source, sync.slot_name)),
        )
        if found is not None
    ]
    if taken:
        raise SlotTaken(
            f"{sync.source}: a {' and a '.join(taken)} {sync.slot_name} exists, and the target "
            f"{sync.target} knows nothing of sync {sync.sync_id!r}.",
            remedy="Choose another sync_id; or, if it is left over, drop it by a release with force.",
        )


def _go_on(
    sync: Sync, source: Connection, target: Connection, record: SyncRecord, relations: Sequence[Relation]
) -> Started:
    assert record.start_lsn is not None  # noqa: S101 - the caller looked
    slot.require_usable(slot.find(source, sync.slot_name), record)
    published = publication.find(source, sync.slot_name)
    if published is None:
        raise PublicationMissing(
            f"{sync.source}: publication {sync.slot_name} is gone; changes since then are not delivered.",
            remedy="Release the sync, empty or drop its tables on the target, and start it anew.",
        )
    _reload_where_leaves_were_filled(sync, source, target, published, relations)
    publication.align(source, published, relations)
    with typed_errors(sync.target, "reading the sync"):
        listed = state.relations.read(target, sync.sync_id).values()
    if any(relation.snapshot is None for relation in listed):
        # A change made to a table before it was published, and committed after its load, would be lost.
        _wait_for_open_transactions(sync, source)
    _LOG.info("Slot %s stands since %s.", sync.slot_name, record.start_lsn)
    return Started(sync.slot_name, record.start_lsn, created=False)


def _reload_where_leaves_were_filled(
    sync: Sync,
    source: Connection,
    target: Connection,
    published: publication.Publication,
    relations: Sequence[Relation],
) -> None:
    """A partition that had rows before it was published (a source before 13): its table is loaded again."""
    if published.via_root:
        return
    with typed_errors(sync.target, "reading the sync"):
        listed = state.relations.read(target, sync.sync_id)
    split = [each.name for each in relations if each.kind is RelationKind.PARTITIONED]
    loaded = [name for name in split if listed[name].snapshot]
    filled = [
        table.name
        for table in publication.partitioned(source, published.name, loaded)
        if not all(
            leaf.is_published or publication.adopt(source, published.name, leaf) for leaf in table.leaves
        )
    ]
    if filled:
        _LOG.info("New partitions were filled before they were published: loading %s again.", filled)
        with typed_errors(sync.target, "having tables loaded again"), target.transaction():
            state.relations.unload(target, sync.sync_id, filled)


def _wait_for_open_transactions(sync: Sync, source: Connection) -> None:
    wait_for_open_transactions(
        source, sync.source, f"starting sync {sync.sync_id}", _OPEN_TRANSACTIONS_WITHIN
    )


def _publish(sync: Sync, source: Connection, able: Capabilities, relations: Sequence[Relation]) -> None:
    published = publication.find(source, sync.slot_name)
    if published is None:
        publication.create(source, sync.slot_name, relations, via_root=able.publish_via_root)
    else:
        publication.align(source, published, relations)


def _drop_half_made_slot(sync: Sync, source: Connection) -> None:
    """A slot whose start was not written down any more: its place among the loads is not known."""
    found = slot.find(source, sync.slot_name)
    if found is None:
        return
    if (found.plugin, found.database) != (slot.PLUGIN, sync.source.database):
        raise SlotTaken(
            f"{sync.source}: slot {found.name} belongs to database {found.database}, plugin {found.plugin}.",
            remedy="Choose another sync_id, or drop the slot if nobody needs it.",
        )
    _LOG.info("Slot %s was made by a start that did not end; it is made again.", found.name)
    slot.drop(source, found.name)
