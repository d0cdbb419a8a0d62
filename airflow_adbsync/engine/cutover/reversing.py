"""The sync back: what is written to the target after the cut-over is brought to the old source."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from airflow_adbsync.engine import publication, replica_identity, slot, state
from airflow_adbsync.engine.catalog import read_relations_named, read_server
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.cutover.back import back_id, turned
from airflow_adbsync.engine.cutover.standing import require_fence
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.errors import CapabilityMissing, SlotTaken
from airflow_adbsync.engine.model import Lsn, Relation, Snapshot
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)


def prepare_reverse(sync: Sync) -> Sync:
    """Make everything of the way back but its slot, before writes are fenced; return that sync.

    Safe to run again. The old source becomes a target and gets a control schema of its own.

    Raises:
        ConfigError: rows are not the same on both sides.
        CapabilityMissing: the target has no logical decoding, or not enabled.
        SlotTaken: the target has a slot or a publication of that name already.
    """
    with connect(sync.target, autocommit=True) as target, typed_errors(sync.target, "preparing the way back"):
        able = capabilities(read_server(target))
        able.need("logical_decoding")
        _require_logical(sync, target)
        names = tuple(state.relations.read(target, sync.sync_id))
    with connect(sync.source) as source, typed_errors(sync.source, "preparing the way back"):
        sources = read_relations_named(source, names)
    shapes = sync.shapes.all_of(sources)
    back = Sync(turned(sync.config, shapes, filtered=able.origin_filter), sync.target, sync.source)
    with (
        connect(sync.target, autocommit=True) as target,
        connect(sync.source) as record,
        typed_errors(sync.target, "preparing the way back"),
    ):
        relations = read_relations_named(target, [shape.target for shape in shapes])
        _register(back, target, record, relations)
        record.commit()
        replica_identity.prepare(back)
        published = publication.find(target, back.slot_name)
        if published is None:
            publication.create(target, back.slot_name, relations, via_root=able.publish_via_root)
        else:
            publication.align(target, published, relations)
    _LOG.info("The way back is prepared: sync %s from %s to %s.", back.sync_id, back.source, back.target)
    return back


def begin_reverse(sync: Sync, back: Sync) -> Lsn:
    """Make the slot of the way back, while nobody can write to either side; return where it starts.

    Both sides hold the same rows, so nothing is loaded. Whatever is written to the target from here on is
    later than the snapshot that is noted.

    Raises:
        NotFenced: the source is not fenced.
    """
    fence = require_fence(sync)
    with (
        connect(back.target, autocommit=True) as record,
        connect(back.source, autocommit=True) as source,
        typed_errors(back.source, "beginning the way back"),
    ):
        known = state.syncs.get(record, back.sync_id)
        if known.start_lsn is not None:
            return known.start_lsn
        slot.drop(source, back.slot_name)
        # Before the slot: what commits in between is in neither, and nobody but us can commit now.
        snapshot = _snapshot(source)
        able = capabilities(read_server(source))
        lsn = slot.create(back.source, back.slot_name, failover=able.failover_slots)
        with record.transaction():
            for name, relation in state.relations.read(record, back.sync_id).items():
                if relation.snapshot is None:
                    state.relations.set_loaded(
                        record, back.sync_id, name, snapshot=snapshot, rows=0, bytes_=0, seconds=0.0
                    )
            state.progress.begin(record, back.sync_id, lsn)
            state.fences.set_opening(record, back.sync_id, fence.undo)
            state.syncs.set_start(record, back.sync_id, lsn)
    _LOG.info("Sync %s starts at %s.", back.sync_id, lsn)
    return lsn


def find_reverse(sync: Sync) -> Sync | None:
    """Return the sync back as the old source has it written down; None where there is none.

    It needs no record of the sync itself, which may have been released by then.
    """
    with connect(sync.source, autocommit=True) as record, typed_errors(sync.source, "reading the way back"):
        config = state.syncs.find_config(record, back_id(sync.sync_id)) if state.is_present(record) else None
    return Sync(config, sync.target, sync.source) if config else None


def find_begun(sync: Sync) -> Sync | None:
    """Return the sync back once it has a slot; None before that."""
    back = find_reverse(sync)
    if back is None:
        return None
    with connect(back.target, autocommit=True) as record, typed_errors(back.target, "reading the way back"):
        return back if state.syncs.get(record, back.sync_id).start_lsn is not None else None


def _register(back: Sync, source: Connection, record: Connection, relations: Sequence[Relation]) -> None:
    state.ensure(record)
    if state.syncs.find(record, back.sync_id) is None and (
        slot.find(source, back.slot_name) or publication.find(source, back.slot_name)
    ):
        raise SlotTaken(
            f"{back.source}: a slot or publication {back.slot_name} exists, and {back.target} knows nothing "
            "of it.",
            remedy="Drop it if it is left over, or choose another sync_id.",
        )
    state.syncs.register(record, back.config, back.slot_name, slot.read_source(source, back.source))
    names = [relation.name for relation in relations]
    state.relations.enlist(record, back.sync_id, names)
    state.relations.delist_others(record, back.sync_id, names)


def _require_logical(sync: Sync, target: Connection) -> None:
    row = target.execute("SELECT current_setting('wal_level')").fetchone()
    if row and row[0] != "logical":
        raise CapabilityMissing(
            f"{sync.target}: wal_level is {row[0]}, so there is no way back. Nothing was changed.",
            remedy="Set wal_level = logical on the target and restart it, or say "
            "`cutover: {reverse: false}`.",
        )


def _snapshot(conn: Connection) -> Snapshot:
    able = capabilities(read_server(conn))
    function = "pg_current_snapshot" if able.current_snapshot_function else "txid_current_snapshot"
    row = conn.execute(f"SELECT {function}()::text").fetchone()
    assert row is not None  # noqa: S101 - the query has no FROM
    return Snapshot.parse(row[0])
