"""The applier's session on the target: it owns the sync, applies parts, and moves the progress on."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import psycopg

from airflow_adbsync.engine import origin, state
from airflow_adbsync.engine.catalog import read_relations_named, read_server
from airflow_adbsync.engine.config import TruncateRule
from airflow_adbsync.engine.connect import Connection, connect, quiet_triggers, typed_errors
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.errors import (
    ApplierBusy,
    ConfigError,
    RelationNotLoaded,
    RightMissing,
    TransientServerError,
    TruncateRefused,
)
from airflow_adbsync.engine.model import Lsn, QualifiedName, Relation, Snapshot
from airflow_adbsync.engine.replication.batch import Part, Sought
from airflow_adbsync.engine.replication.stages import Stages
from airflow_adbsync.engine.replication.table_writer import TableWriter
from airflow_adbsync.engine.state import ownership
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
_SETTINGS = {
    # The server notices within two minutes that an applier's machine is gone, and frees its lock.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "5",
    # For a large batch the planner would read the whole target to build a hash; the keys' index is faster.
    "enable_hashjoin": "off",
    # Off by default on Greenplum, and without it every batch would read the whole target.
    "enable_nestloop": "on",
    # Whatever the account or the database is given for shorter work.
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "default_transaction_isolation": "read committed",
}
# Three statements each of the tables that were changed last, and some of our own.
_MOST_PREPARED = 400
# Between two looks whether a load has ended.
_LOOK_EVERY = 0.1
_LATER_SETTINGS = """
    SELECT set_config(name, value, false)
    FROM (VALUES ('transaction_timeout', '0'), ('client_connection_check_interval', '2s'),
                 -- Greenplum's other planner, which heeds no enable_... setting.
                 ('optimizer', 'off'),
                 -- A statement that is compiled for longer than it runs.
                 ('jit', 'off')) AS v (name, value)
    JOIN pg_catalog.pg_settings USING (name)
    UNION ALL
    -- What the slot is told to forget must outlive a crash of the target.
    SELECT set_config(name, 'local', false)
    FROM pg_catalog.pg_settings WHERE name = 'synchronous_commit' AND setting = 'off'
    UNION ALL
    -- A key's equality may be an extension's operator.
    SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), (
        SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ')
        FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace)), false)
"""


class TargetSession:
    """One connection that holds the sync's lock; everything is written through it.

    ``takes_binary``: the tables can be fed in binary form, as far as their own columns go.
    ``patience`` is for how many seconds to wait for a lock that is held, ``lately`` which columns the target
    has been given for what comes later in the stream.

    Raises:
        ApplierBusy: another applier holds the sync.
        RelationNotLoaded: a table has had no full load yet.
        SyncUnknown: the sync was never started on this target.
    """

    def __init__(
        self, sync: Sync, *, patience: float, lately: Mapping[QualifiedName, Collection[str]] | None = None
    ) -> None:
        self._sync = sync
        self._conn = connect(sync.target, autocommit=False, **_SETTINGS)
        try:
            with typed_errors(sync.target, "taking the sync over"):
                able = capabilities(read_server(self._conn))
                self._conn.prepared_max = _MOST_PREPARED
                if not able.cheap_parameters:
                    self._conn.cursor_factory = psycopg.ClientCursor
                self._own(patience)
                relations = self._read_relations()
                rule = sync.config.incremental.on_conflict
                stages = Stages(self._conn, relations, able, sync.shapes, rule, lately=lately or {})
                self._writer = TableWriter(self._conn, stages)
                # Where rows lie on segments, text is what every server of the family reads.
                self.takes_binary = not able.distributed and all(map(_is_binary, relations.values()))
        except BaseException:
            self._conn.close()
            raise
        self._relations = relations
        self._transactions = self._changes = 0
        self._touched: Counter[QualifiedName] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._conn.close()

    @property
    def conn(self) -> Connection:
        """The session itself, between two batches."""
        return self._conn

    def apply(self, part: Part) -> int:
        """Apply a part, and commit it with the progress if it ends a transaction; return the rows touched."""
        with typed_errors(self._sync.target, "applying changes"):
            self._lock(part)
            self._truncate(part)
            rows = self._write(part)
            self._transactions += part.transactions
            self._changes += part.changes
            if part.commit is not None:
                lsn = part.commit.end_lsn
                state.progress.advance(
                    self._conn,
                    self._sync.sync_id,
                    epoch=self.progress.epoch,
                    lsn=lsn,
                    commit_time=part.commit.commit_time,
                    transactions=self._transactions,
                    changes=self._changes,
                )
                state.relations.note_changes(self._conn, self._sync.sync_id, lsn, self._touched)
                self._note_conflicts()
                self._commit(lsn)
        return rows

    def rest_at(self, lsn: Lsn) -> None:
        """Move the progress on where there was nothing to apply."""
        with typed_errors(self._sync.target, "moving the progress on"):
            state.progress.advance(self._conn, self._sync.sync_id, epoch=self.progress.epoch, lsn=lsn)
            self._commit(lsn)

    def read_stop_request(self) -> Lsn | None:
        """Return the LSN at which somebody asked the applier to stop."""
        with typed_errors(self._sync.target, "looking for a request to stop"):
            found = state.progress.find(self._conn, self._sync.sync_id)
            self._conn.commit()
        return found.stop_at if found else None

    def clear_stop_request(self) -> None:
        """Forget a request that is met, so that the next applier does not meet it again."""
        with typed_errors(self._sync.target, "clearing the request to stop"):
            state.progress.clear_stop(self._conn, self._sync.sync_id)
            self._conn.commit()

    def _own(self, patience: float) -> None:
        self._conn.execute(_LATER_SETTINGS)
        self._conn.commit()
        deadline = time.monotonic() + patience
        while not ownership.try_own(self._conn, self._sync.sync_id):
            self._conn.commit()
            if time.monotonic() > deadline:
                raise self._busy()
            time.sleep(0.2)
        self._quiet = quiet_triggers(self._conn)
        if not self._quiet:
            _LOG.warning("Triggers and foreign keys of the target's tables will fire for replicated changes.")
        self._mark()
        owner = f"{socket.gethostname()} pid {os.getpid()}"
        self.progress = state.progress.take(self._conn, self._sync.sync_id, owner)
        self._conn.commit()

    def _mark(self) -> None:
        """What is applied here must not be sent back by a sync the other way."""
        config = self._sync.config
        if not (config.incremental.both_ways or config.cutover.reverse):
            return
        try:
            origin.mark(self._conn, self._sync.sync_id)
        except psycopg.errors.InsufficientPrivilege as error:
            self._conn.rollback()
            if config.incremental.both_ways:
                raise RightMissing(
                    f"{self._sync.target}: changes can't be marked with a replication origin "
                    f"({str(error).strip()}), so a sync the other way would send them back.",
                    remedy="Grant EXECUTE on pg_replication_origin_oid, _create and _session_setup, or stop "
                    "the other sync and take `both_ways` out.",
                ) from error
            _LOG.warning("Changes are not marked with a replication origin: the account may not.")

    def _busy(self) -> ApplierBusy:
        holder = state.progress.find(self._conn, self._sync.sync_id)
        owner = (holder and holder.owner) or "another applier"
        return ApplierBusy(
            f"Sync {self._sync.sync_id!r} is being applied by {owner}.",
            remedy="Let it go on, or stop its task first: one sync has one applier.",
        )

    def _read_relations(self) -> dict[QualifiedName, Relation]:
        self._generation = state.relations.generation(self._conn, self._sync.sync_id)
        loads = state.relations.read(self._conn, self._sync.sync_id)
        snapshots = {name: load.snapshot for name, load in loads.items() if load.snapshot}
        self.waiting = frozenset(loads) - frozenset(snapshots)
        self._refuse_beginning(loads)
        shapes = self._sync.shapes
        targets = {name: shapes.table(name) for name in snapshots}
        found = {relation.name: relation for relation in read_relations_named(self._conn, targets.values())}
        self._conn.commit()
        relations = {name: found[target] for name, target in targets.items()}
        self.sought = {name: self._seek(name, snapshots[name], relations[name]) for name in snapshots}
        return relations

    def _refuse_beginning(self, loads: Collection[QualifiedName]) -> None:
        """Tables may join a sync that replicates already; it begins when all of its tables are loaded."""
        record = state.syncs.get(self._conn, self._sync.sync_id)
        self._refuse_changed()
        if not self.waiting or (self.progress.lsn != record.start_lsn and len(self.waiting) < len(loads)):
            return
        waiting = [str(name) for name in sorted(self.waiting)]
        raise RelationNotLoaded(
            f"{len(waiting)} of {len(loads)} tables are not loaded yet, e.g. {', '.join(waiting[:5])}.",
            remedy="Run the load phase to its end, then start incremental again.",
        )

    def _refuse_changed(self) -> None:
        """What was loaded under one configuration can't be gone on with under another."""
        config = self._sync.config
        stored = state.syncs.find_config(self._conn, self._sync.sync_id)
        if stored and (stored.names, stored.tables) != (config.names, config.tables):
            raise ConfigError(
                f"The configuration of sync {self._sync.sync_id!r} (`names`, `tables`) was changed since "
                "it was started.",
                remedy="Run the start phase and all that follows with the configuration that is to count.",
            )

    def _seek(self, name: QualifiedName, snapshot: Snapshot, relation: Relation) -> Sought:
        shapes = self._sync.shapes
        own = {column.name for column in shapes.sent(name, ()).extra}
        return Sought(
            snapshot,
            _lasting_key(relation, own),
            lambda columns: shapes.sent(name, columns).key_names,
            shapes.operations(name),
            truncated=self._sync.config.incremental.truncate is not TruncateRule.IGNORE,
        )

    def _lock(self, part: Part) -> None:
        """A load that replaces a table holds it exclusively: wait for it, then see whether it did so."""
        if part.passed:
            # A load that runs may not see what is left out here: it ends first, and is heeded then. One that
            # begins later does.
            while not ownership.try_hold_loads_off(self._conn, self._sync.sync_id):
                time.sleep(_LOOK_EVERY)
        emptied = {relation.name for relation in part.truncated}
        changed = {table.relation.name for table in part.tables.values()} - emptied
        for names, mode in ((emptied, "ACCESS EXCLUSIVE"), (changed, "ROW EXCLUSIVE")):
            if names:
                self._conn.execute(f"LOCK TABLE {self._listed(names)} IN {mode} MODE")
        if state.relations.generation(self._conn, self._sync.sync_id) != self._generation:
            raise TransientServerError("A table was loaded, or joined or left the sync, meanwhile.")

    def _write(self, part: Part) -> int:
        rows = self._writer.write(part.tables.values(), part.types, part.bytes)
        self._touched.update(rows)
        return rows.total()

    def _note_conflicts(self) -> None:
        if not self._writer.conflicts:
            return
        state.relations.note_conflicts(self._conn, self._sync.sync_id, self._writer.conflicts)
        for name, count in self._writer.conflicts.items():
            _LOG.warning(
                "%s: %d rows were missing or in the way on the target; on_conflict: %s.",
                name,
                count,
                self._sync.config.incremental.on_conflict,
            )

    def _truncate(self, part: Part) -> None:
        if not part.truncated:
            return
        names = list(dict.fromkeys(relation.name for relation in part.truncated))
        self._refuse_truncate(names, part.reach)
        _refuse_truncated_leaf(part)
        self._touched.update(dict.fromkeys(names, 0))
        restart = " RESTART IDENTITY" if part.restart_identity else ""
        try:
            with self._conn.transaction():
                self._conn.execute(f"TRUNCATE {self._listed(names)}{restart}")
        except psycopg.errors.FeatureNotSupported:
            # A table that is not emptied now refers to one that is. Its rows are right: they came with a
            # load that has seen the truncate. Only where foreign keys would act on them this can't be done.
            if not self._quiet:
                raise
            for name in names:
                self._conn.execute(f"DELETE FROM {self._listed([name])}")

    def _refuse_truncate(self, names: Sequence[QualifiedName], lsn: Lsn) -> None:
        if self._sync.config.incremental.truncate is TruncateRule.REFUSE:
            raise TruncateRefused(
                f"The source truncated {', '.join(map(str, names))} in the transaction committed at {lsn}; "
                "`incremental.truncate` refuses that. Nothing after it was applied.",
                remedy="Say `truncate: apply` or `truncate: ignore`, then start incremental again: the slot "
                "keeps the WAL.",
            )

    def _listed(self, names: Iterable[QualifiedName]) -> str:
        found = [self._relations[name] for name in sorted(names)]
        return ", ".join(f"{relation.only}{relation.name.sql}" for relation in found)

    def _commit(self, lsn: Lsn) -> None:
        self._conn.commit()
        self._writer.committed()
        self._transactions = self._changes = 0
        self._touched.clear()
        self.progress = replace(self.progress, lsn=lsn)


def _is_binary(relation: Relation) -> bool:
    return all(column.binary for column in relation.columns if not column.generated)


def _refuse_truncated_leaf(part: Part) -> None:
    """Which rows a partition held can't be told on the target."""
    if part.truncated_in_part:
        raise TruncateRefused(
            f"The source truncated single partitions of {', '.join(map(str, part.truncated_in_part))} in the "
            f"transaction committed at {part.reach}. Nothing after it was applied.",
            remedy="Load the table again (`reload` of the full load), or say `truncate: ignore`; then start "
            "incremental again: the slot keeps the WAL.",
        )


def _lasting_key(relation: Relation, own: Collection[str]) -> tuple[str, ...] | None:
    """A key that no two rows share even within a transaction, as they may where it is DEFERRABLE.

    ``own`` are columns that only the target has: they are the same in every row.
    """
    key = next((key.columns for key in relation.keys if key.immediate), ())
    return tuple(name for name in key if name not in own) or None
