"""Loading one table: one transaction on each side."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import query, read_relations_named
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.errors import ConfigError, RelationDrifted, StatementFailed, TransientServerError
from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.columns import differences, not_binary
from airflow_adbsync.engine.load.copy_in import CopyIn
from airflow_adbsync.engine.load.copy_out import CopyOut
from airflow_adbsync.engine.load.relay import Relayed, relay
from airflow_adbsync.engine.load.session import Pair, Session
from airflow_adbsync.engine.load.snapshot import read_snapshot
from airflow_adbsync.engine.model import QualifiedName, Relation, RelationKind, Snapshot

_LOG = logging.getLogger(__name__)
_SAY_EVERY = 30.0


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """A committed load; ``bytes`` as they went over the wire."""

    name: QualifiedName
    rows: int
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Both:
    """A table as either side defines it."""

    source: Relation
    target: Relation


def load_table(pair: Pair, sync_id: str, name: QualifiedName, *, reload: bool) -> LoadedTable | None:
    """Replace the target's rows by the source's; None where another task has done so meanwhile.

    The target's table is locked before the snapshot is taken: the applier can't have written, under this
    lock, a change which the snapshot doesn't hold. The rows and the snapshot that they were read under are
    committed together.

    Raises:
        RelationDrifted: the definitions don't fit; the target's rows are as they were.
        StatementFailed: the target refused a row.
    """
    began = time.monotonic()
    both = _read_both(pair, name)
    with typed_errors(pair.target.endpoint, f"loading {name}"), pair.target.transaction():
        pair.target.conn.execute(statements.lock_target(both.target))
        known = state.relations.find(pair.target.conn, sync_id, name)
        if known and known.snapshot and not reload:
            return None
        freeze = _empty(pair.target, both.target) and pair.target.can.copy_freeze
        snapshot, relayed = _copy(pair, both, freeze=freeze)
        loaded = LoadedTable(name, relayed.rows, relayed.bytes, time.monotonic() - began)
        _record(pair.target, sync_id, loaded, snapshot)
    return loaded


def analyze(target: Session, name: QualifiedName) -> None:
    """Gather the planner's statistics of a loaded table."""
    with typed_errors(target.endpoint, f"analyzing {name}"):
        target.conn.execute(f"ANALYZE {name.sql}")


def _read_both(pair: Pair, name: QualifiedName) -> _Both:
    both = _Both(_read(pair.source, name, "source"), _read(pair.target, name, "target"))
    if found := differences(both.source, both.target):
        raise RelationDrifted(
            f"{name} on the target ({pair.target.endpoint}) doesn't fit the source's: {'; '.join(found)}.",
            remedy="Give the target's table the source's columns, or drop it and run the schema phase again.",
        )
    return both


def _read(session: Session, name: QualifiedName, side: str) -> Relation:
    with typed_errors(session.endpoint, f"reading the definition of {name}"):
        try:
            return read_relations_named(session.conn, [name])[0]
        except ConfigError as error:
            raise RelationDrifted(
                f"There is no table {name} on the {side} ({session.endpoint}).",
                remedy="Run the schema phase."
                if side == "target"
                else "Take it out of the sync: release, change `objects`, and start anew.",
            ) from error


def _record(target: Session, sync_id: str, loaded: LoadedTable, snapshot: Snapshot) -> None:
    state.relations.set_loaded(
        target.conn,
        sync_id,
        loaded.name,
        snapshot=snapshot,
        rows=loaded.rows,
        bytes_=loaded.bytes,
        seconds=loaded.seconds,
    )


def _empty(target: Session, relation: Relation) -> bool:
    """Empty the table; tell whether FREEZE is possible afterwards."""
    row = target.conn.execute(query(__package__, "foreign_references"), {"oid": relation.oid}).fetchone()
    if row and row[0]:
        target.conn.execute(statements.delete(relation))
        return False
    target.conn.execute(statements.truncate(relation))
    return relation.kind is RelationKind.TABLE


def _copy(pair: Pair, both: _Both, *, freeze: bool) -> tuple[Snapshot, Relayed]:
    name = both.source.name
    with typed_errors(pair.source.endpoint, f"reading {name}"), pair.source.transaction():
        pair.source.conn.execute(statements.lock_source(both.source))
        snapshot = read_snapshot(pair.source.conn, pair.source.can)
        _refuse_change(both.source, _read(pair.source, name, "source"))
        binary = _is_binary(both)
        out, into = CopyOut(pair.source, f"reading {name}"), CopyIn(pair.target, f"loading {name}")
        out.start(statements.copy_out(both.source, binary=binary))
        into.start(statements.copy_in(both.source, both.target, binary=binary, freeze=freeze))
        relayed = relay(out, into, _progress(both.source))
    if relayed.rows != relayed.rows_sent:
        raise StatementFailed(
            f"{name}: the source sent {relayed.rows_sent} rows and the target took {relayed.rows} of them.",
            remedy="Look for a trigger or a rule on the target's table that drops rows, and remove it.",
        )
    return snapshot, relayed


def _refuse_change(before: Relation, now: Relation) -> None:
    if (before.columns, before.kind) != (now.columns, now.kind):
        raise TransientServerError(
            f"The definition of {before.name} was changed on the source while its load began.",
            remedy="Nothing: it is compared and loaded again.",
        )


def _is_binary(both: _Both) -> bool:
    obstacles = not_binary(both.source, both.target)
    form = f"text, for {'; '.join(obstacles)}" if obstacles else "binary"
    _LOG.debug("%s is copied as %s.", both.source.name, form)
    return not obstacles


def _progress(relation: Relation) -> Callable[[int], None]:
    began = said = time.monotonic()

    def on_batch(sent: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= _SAY_EVERY:
            said = now
            _LOG.info(
                "%s: %.0f MB so far, of a table of about %.0f MB (%.1f MB/s).",
                relation.name,
                sent / 1e6,
                relation.bytes / 1e6,
                sent / 1e6 / (now - began),
            )

    return on_batch
