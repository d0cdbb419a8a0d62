"""Looking, before anything is applied, whether the slot can carry on from the target's progress."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from airflow_adbsync.engine import publication, state
from airflow_adbsync.engine.connect import Connection, typed_errors
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.errors import (
    PublicationMissing,
    RelationDrifted,
    RelationNotLoaded,
    SlotAhead,
    SwitchedOver,
)
from airflow_adbsync.engine.model import Lsn, QualifiedName, Server
from airflow_adbsync.engine.publication import Publication
from airflow_adbsync.engine.replication.leaves import PublishedLeaves
from airflow_adbsync.engine.replication.same_columns import KnownTables
from airflow_adbsync.engine.slot import Slot, accept_source, find, read_source, require_usable
from airflow_adbsync.engine.state.fences import Fence
from airflow_adbsync.engine.state.syncs import SyncRecord
from airflow_adbsync.engine.sync import Sync


def check_resumable(sync: Sync, progress: Lsn, *, source: Connection, target: Connection) -> KnownTables:
    """Return if the slot stands, on the source that the sync was started with, no further than the target.

    What is returned are the sync's tables by their oids on the source: the stream names a table as it was
    named at the time.

    Raises:
        SourceSwapped, SourcePromoted, TargetAhead, SlotMissing, SlotLost, SlotAhead, PublicationMissing,
            RelationDrifted: each says what happened and the way out.
    """
    with typed_errors(sync.target, "reading the sync"), target.transaction():
        record = state.syncs.get(target, sync.sync_id)
        listed = state.relations.read(target, sync.sync_id)
        # One that is joining is published in a moment.
        tables = {name for name, relation in listed.items() if relation.snapshot}
        require_not_switched(sync, state.fences.find(target, sync.sync_id))
        numbers = state.relations.column_numbers(target, sync.sync_id)
    with typed_errors(sync.source, "looking at the slot"):
        server = read_source(source, sync.source)
        accept(sync, record, server, target)
        if sync.config.incremental.both_ways:
            capabilities(server).need("origin_filter")
        slot = require_usable(find(source, record.slot_name), record)
        published = publication.find(source, record.slot_name)
        require_not_ahead(slot, progress)
        leaves = PublishedLeaves(published, tables)
        leaves.look(source)
        whole = tables.difference(leaves.roots.values())
        names = {**require_published(published, record.slot_name, whole), **leaves.roots}
        known = KnownTables(sync.shapes, names, numbers, leaves)
        added = known.added(source, [oid for oid, name in names.items() if name in tables])
    if added:
        with typed_errors(sync.target, "noting columns"), target.transaction():
            state.relations.note_columns(target, sync.sync_id, added)
    return known


def accept(sync: Sync, record: SyncRecord, server: Server, target: Connection) -> None:
    """Return if the source is the sync's, or was promoted and may be followed.

    Raises:
        SourceSwapped, SourcePromoted, TargetAhead, RelationNotLoaded: see `accept_source`.
    """
    follow = sync.config.incremental.follow_promotion
    with typed_errors(sync.target, "reading the sync"), target.transaction():
        if accept_source(target, sync.source, record, server, follow=follow) is record:
            return
        waiting = [
            name for name, each in state.relations.read(target, sync.sync_id).items() if not each.snapshot
        ]
    if waiting:
        raise RelationNotLoaded(
            f"{len(waiting)} tables are to be loaded again, since the source was promoted: "
            f"{', '.join(map(str, waiting[:5]))}.",
            remedy="Run the load phase to its end, then start incremental again.",
        )


def require_not_switched(sync: Sync, fence: Fence | None) -> None:
    """Return if the target takes its rows from the source still, or takes them from it too.

    Raises:
        SwitchedOver: by now it is written to by others, and has ways of its own.
    """
    if fence and fence.switched_at and not sync.config.incremental.both_ways:
        raise SwitchedOver(
            f"Sync {sync.sync_id!r} was cut over at {fence.switched_at:%Y-%m-%d %H:%M:%S %Z}: nothing more "
            f"is brought from {sync.source}.",
            remedy="Release it; to go back, cut over the sync the other way. To carry both ways at once, say "
            "`incremental: {both_ways: true}`.",
        )


def require_not_ahead(slot: Slot, progress: Lsn) -> None:
    """Return if the source still holds everything that the target lacks.

    Raises:
        SlotAhead: the slot has let go of changes that the target does not hold.
    """
    if slot.confirmed_flush_lsn is not None and slot.confirmed_flush_lsn > progress:
        raise SlotAhead(
            f"Slot {slot.name} was confirmed up to {slot.confirmed_flush_lsn}, but the target holds changes "
            f"only up to {progress}: those between are gone. The target was restored from a backup, or "
            "something else has read the slot.",
            remedy="Release the sync, empty its tables on the target, and start it anew.",
        )


def require_published(
    published: Publication | None, name: str, tables: Collection[QualifiedName]
) -> Mapping[int, QualifiedName]:
    """Return the sync's tables by their oids, if the publication covers them: others' changes never arrive.

    Raises:
        PublicationMissing: it is gone.
        RelationDrifted: a table is not in it any more.
    """
    if published is None:
        raise PublicationMissing(
            f"Publication {name} is not on the source any more: changes since then are not delivered.",
            remedy="Release the sync, empty its tables on the target, and start it anew.",
        )
    gone = sorted(set(tables) - published.tables)
    if gone and not published.all_tables:
        raise RelationDrifted(
            f"Publication {name} does not hold {', '.join(map(str, gone[:5]))} any more ({len(gone)} of "
            f"{len(tables)} tables): dropped, renamed, or taken out on the source. Nothing was applied.",
            remedy="Give a renamed table its name back: the slot keeps its changes. Any other: run the start "
            "phase without it, and when it is to come back, with it, and load it again.",
        )
    return published.oids
