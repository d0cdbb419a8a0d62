"""What one table writes of an old row to the log."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.model import QualifiedName, ReplicaIdentity


@dataclass(frozen=True, slots=True)
class TableIdentity:
    """A table of the sync or a leaf of a partitioned one; for a table of its own ``root`` is ``oid``.

    ``columns`` are those that an old row is sent with; () where it is not sent at all, or, under FULL, whole.
    ``owned`` tells whether the account may change it.
    """

    oid: int
    root: int
    name: QualifiedName
    identity: ReplicaIdentity
    index: str | None = None
    columns: tuple[str, ...] = ()
    owned: bool = True
