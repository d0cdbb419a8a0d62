"""The names of slot, publication and sync are free, or this sync's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine import publication, slot
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.errors import SourcePromoted, SourceSwapped
from airflow_adbsync.engine.model import Finding, Server
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.state.syncs import SyncRecord

NAME = "names"


def assess(
    name: str, taken: Sequence[str], record: SyncRecord | None, source: Server, *, follow: bool = False
) -> Finding:
    """``taken`` are the kinds of what exists by this name on the source; ``follow`` it when promoted."""
    if record is not None:
        try:
            slot.require_same_source(record, source)
        except SourceSwapped as error:
            if follow and isinstance(error, SourcePromoted):
                return passed(NAME, f"{error.what} The sync follows it, if it can.", subject="source")
            return failed(NAME, error.what, f"{error.remedy} Or choose another sync_id.", subject="target")
        return passed(NAME, f"{name} is this sync's.")
    if taken:
        return failed(
            NAME,
            f"A {' and a '.join(taken)} {name} exists, and the target knows nothing of this sync.",
            "Choose another sync_id; or, if it is left over, drop it by a release with force.",
            subject="source",
        )
    return passed(NAME, f"{name} is free.")


def _look(context: Context) -> Iterator[Finding]:
    name, conn = context.sync.slot_name, context.source.connection
    with typed_errors(context.source.endpoint, "looking for slot and publication"):
        found = {"slot": slot.find(conn, name), "publication": publication.find(conn, name)}
    taken = [kind for kind, thing in found.items() if thing is not None]
    source = context.source.server if context.record is None else context.source_identity
    follow = context.sync.config.incremental.follow_promotion
    yield assess(name, taken, context.record, source, follow=follow)


CHECK = Check(NAME, _look)
