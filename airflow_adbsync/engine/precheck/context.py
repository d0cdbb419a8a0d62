"""What the checks look at: both sides, connected when first asked, and the selected tables, read once."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import read_relations
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Finding, QualifiedName, Relation, Server
from airflow_adbsync.engine.precheck.fact import Fact
from airflow_adbsync.engine.precheck.side import NotRun, Side
from airflow_adbsync.engine.replica_identity import TableIdentity
from airflow_adbsync.engine.replica_identity import read as read_identities
from airflow_adbsync.engine.schema import unsupported
from airflow_adbsync.engine.shape import TableShape
from airflow_adbsync.engine.slot import read_source
from airflow_adbsync.engine.state.syncs import SyncRecord
from airflow_adbsync.engine.sync import Sync

Selection = tuple[tuple[Relation, ...], tuple[TableShape, ...]]


class Context:
    """Everything that a check may look at; several threads may look at once."""

    def __init__(self, sync: Sync) -> None:
        self.sync = sync
        self.source = Side("source", sync.source)
        self.target = Side("target", sync.target)
        self._selection: Fact[Selection | ConfigError] = Fact(self._read_selection)
        self._source_identity = Fact(lambda: read_source(self.source.connection, sync.source))
        self._identities = Fact(self._read_identities)
        self._record = Fact(self._read_record)
        self._unsupported = Fact(self._read_unsupported)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.source.close()
        self.target.close()

    def reach(self) -> None:
        """Connect to both sides, and look at their settings while nobody else takes connections.

        A check says what came of it.
        """
        for side in (self.source, self.target):
            if side.reach() is None:
                side.look_at_settings()

    def join(self) -> bool:
        """Connect for one more thread; False where a side has no room for it."""
        return self.source.join() and self.target.join()

    def select(self) -> ConfigError | None:
        """Read the selected tables, unless that has been done, and return what is wrong, or None."""
        found = self._selection.get()
        return found if isinstance(found, ConfigError) else None

    @property
    def relations(self) -> tuple[Relation, ...]:
        """The selected tables."""
        return self._selected()[0]

    @property
    def shapes(self) -> tuple[TableShape, ...]:
        """What becomes of the selected tables on the target, in the same order."""
        return self._selected()[1]

    @property
    def oids(self) -> list[int]:
        """The selected tables' oids on the source."""
        return [relation.oid for relation in self.relations]

    @property
    def target_names(self) -> list[QualifiedName]:
        """The selected tables' names on the target."""
        return [shape.target for shape in self.shapes]

    @property
    def source_identity(self) -> Server:
        """The source with its system identifier, asked over a replication connection where need be."""
        return self._source_identity.get()

    @property
    def identities(self) -> tuple[TableIdentity, ...]:
        """The replica identities of the selected tables and their partitions."""
        return self._identities.get()

    @property
    def record(self) -> SyncRecord | None:
        """What the target knows of this sync, or None."""
        return self._record.get()

    @property
    def unsupported(self) -> tuple[Finding, ...]:
        """What the schema phase will not carry, or not as it is."""
        return self._unsupported.get()

    def _selected(self) -> Selection:
        found = self._selection.get()
        if isinstance(found, ConfigError):
            raise NotRun("the selected tables can't be read")
        return found

    def _read_selection(self) -> Selection | ConfigError:
        try:
            with typed_errors(self.sync.source, "reading the tables"):
                relations = read_relations(self.source.connection, self.sync.config.objects)
            return relations, self.sync.shapes.all_of(relations)
        except ConfigError as error:
            return error

    def _read_identities(self) -> tuple[TableIdentity, ...]:
        with typed_errors(self.sync.source, "reading replica identities"):
            return read_identities(self.source.connection, self.relations)

    def _read_record(self) -> SyncRecord | None:
        with typed_errors(self.sync.target, "reading the control schema"):
            if not state.is_present(self.target.connection):
                return None
            return state.syncs.find(self.target.connection, self.sync.sync_id)

    def _read_unsupported(self) -> tuple[Finding, ...]:
        _ = self.relations  # a selection that can't be read is another check's matter
        config = self.sync.config
        source, target = self.source.connection, self.target.connection
        with typed_errors(self.sync.source, "looking for unsupported objects"):
            return unsupported(source, target, config)
