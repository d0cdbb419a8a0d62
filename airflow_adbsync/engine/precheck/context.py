"""What the checks look at: both sides, connected when first asked, and the selected tables, read once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from types import TracebackType
from typing import Any, Self

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import query, read_relations, read_server
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import AdbsyncError, ConfigError
from airflow_adbsync.engine.model import Endpoint, Relation, Server
from airflow_adbsync.engine.replica_identity import TableIdentity
from airflow_adbsync.engine.replica_identity import read as read_identities
from airflow_adbsync.engine.slot import read_source
from airflow_adbsync.engine.state.syncs import SyncRecord
from airflow_adbsync.engine.sync import Sync

Row = tuple[Any, ...]


class NotRun(Exception):
    """A check can't look, for a reason that another check reports."""


class Side:
    """The source or the target. A side that could not be reached once is not tried again."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self.endpoint = endpoint
        self._conn: Connection | None = None
        self._refusal: AdbsyncError | None = None

    def reach(self) -> AdbsyncError | None:
        """Connect, unless that has been done, and return what is in the way, or None."""
        if self._refusal is None and (self._conn is None or self._conn.closed):
            try:
                self._conn = connect(self.endpoint, autocommit=True)
            except AdbsyncError as error:
                self._refusal = error
        return self._refusal

    @property
    def connection(self) -> Connection:
        """An open connection in autocommit mode."""
        if self.reach() is not None or self._conn is None:
            raise NotRun(f"the {self.name} can't be reached")
        return self._conn

    @cached_property
    def server(self) -> Server:
        """What the server says it is."""
        with typed_errors(self.endpoint):
            return read_server(self.connection)

    def rows(self, name: str, **parameters: Any) -> Sequence[Row]:
        """All rows of one of the package's queries."""
        with typed_errors(self.endpoint, name):
            return self.connection.execute(query(__package__, name), parameters or None).fetchall()

    def row(self, name: str, **parameters: Any) -> Row:
        """The only row of one of the package's queries."""
        (row,) = self.rows(name, **parameters)
        return row

    def close(self) -> None:
        """Leave."""
        if self._conn is not None:
            self._conn.close()


class Context:
    """Everything that a check may look at."""

    def __init__(self, sync: Sync) -> None:
        self.sync = sync
        self.source = Side("source", sync.source)
        self.target = Side("target", sync.target)
        self._selection_error: ConfigError | None = None
        self._relations: tuple[Relation, ...] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.source.close()
        self.target.close()

    def select(self) -> ConfigError | None:
        """Read the selected tables, unless that has been done, and return what is wrong, or None."""
        if self._relations is None and self._selection_error is None:
            try:
                with typed_errors(self.sync.source, "reading the tables"):
                    self._relations = read_relations(self.source.connection, self.sync.config.objects)
            except ConfigError as error:
                self._selection_error = error
        return self._selection_error

    @property
    def relations(self) -> tuple[Relation, ...]:
        """The selected tables."""
        if self.select() is not None or self._relations is None:
            raise NotRun("the selected tables can't be read")
        return self._relations

    @property
    def oids(self) -> list[int]:
        """The selected tables' oids on the source."""
        return [relation.oid for relation in self.relations]

    @cached_property
    def source_identity(self) -> Server:
        """The source with its system identifier, asked over a replication connection where need be."""
        return read_source(self.source.connection, self.sync.source)

    @cached_property
    def identities(self) -> tuple[TableIdentity, ...]:
        """The replica identities of the selected tables and their partitions."""
        with typed_errors(self.sync.source, "reading replica identities"):
            return read_identities(self.source.connection, self.relations)

    @cached_property
    def record(self) -> SyncRecord | None:
        """What the target knows of this sync, or None."""
        with typed_errors(self.sync.target, "reading the control schema"):
            if not state.is_present(self.target.connection):
                return None
            return state.syncs.find(self.target.connection, self.sync.sync_id)
