"""Going on from a source that was promoted, where the target holds nothing that it lacks.

A promoted standby shares the log with its old primary up to where the old timeline ended. Up to there both
had the same transactions under the same ids; what the old one wrote behind it, the new one has never had.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import SourceSwapped, TargetAhead
from airflow_adbsync.engine.model import Endpoint, Lsn, Server
from airflow_adbsync.engine.slot.health import ANEW, is_promoted, require_same_source
from airflow_adbsync.engine.slot.identity import read_history
from airflow_adbsync.engine.state.syncs import SyncRecord

_LOG = logging.getLogger(__name__)


def accept_source(
    target: Connection, source: Endpoint, record: SyncRecord, server: Server, *, follow: bool
) -> SyncRecord:
    """Return the record, on the source's timeline, if the sync can go on with this source.

    With ``follow`` a promoted source is written down as the sync's. Tables that were loaded behind the old
    timeline's end, or in part, then count as not loaded.

    Raises:
        SourcePromoted: it was promoted, and ``follow`` is false.
        TargetAhead: it was promoted, and the target holds more than it has.
        SourceSwapped: it is another one.
    """
    if not (follow and is_promoted(record, server)):
        require_same_source(record, server)
        return record
    end = parse_history(read_history(source, server.timeline)).get(record.timeline)
    progress = state.progress.find(target, record.sync_id)
    end = require_shared(record, server, end, progress.lsn if progress else None)
    with target.transaction():
        late = state.relations.loaded_after(target, record.sync_id, end)
        state.relations.unload(target, record.sync_id, late)
        state.syncs.set_timeline(target, record.sync_id, server.timeline)
    _LOG.warning(
        "Sync %s goes on from timeline %d of its source; timeline %d ended at %s, and the target holds "
        "nothing behind that.%s",
        *(record.sync_id, server.timeline, record.timeline, end),
        f" To be loaded again: {', '.join(map(str, late))}." if late else "",
    )
    return replace(record, timeline=server.timeline)


def require_shared(record: SyncRecord, server: Server, end: Lsn | None, progress: Lsn | None) -> Lsn:
    """Return where the sync's timeline ended, if all that the target holds lies before that.

    Raises:
        TargetAhead: some of it may lie behind.
        SourceSwapped: the source does not descend from that timeline.
    """
    if end is None:
        raise SourceSwapped(
            f"The source is on timeline {server.timeline}, which does not descend from timeline "
            f"{record.timeline}, with which sync {record.sync_id!r} was started.",
            remedy=f"Point the source's connection at the server of old. If that is gone: {ANEW}",
        )
    if progress is not None and progress > end:
        raise TargetAhead(
            f"The source was promoted where its log had come to {end}, but the target holds changes up to "
            f"{progress}: those between were made on the old primary only.",
            remedy=f"Point the source's connection at the primary of old. If that is gone: {ANEW} "
            "synchronized_standby_slots on the primary (PostgreSQL 17 and newer) prevents this.",
        )
    return end


def parse_history(text: bytes) -> Mapping[int, Lsn]:
    """Where each timeline ended, by its number.

    A line holds number, position and reason (PostgreSQL doc: Timelines); a comment begins with ``#``.
    """
    lines = (line.split() for line in text.decode(errors="replace").splitlines())
    return {int(line[0]): Lsn.parse(line[1]) for line in lines if len(line) > 1 and line[0].isdecimal()}
