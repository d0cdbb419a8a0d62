"""One change of one table's replica identity."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.model import QualifiedName, ReplicaIdentity, quote_identifier


@dataclass(frozen=True, slots=True)
class Alteration:
    """A table and the replica identity that it gets; ``index`` under INDEX."""

    oid: int
    name: QualifiedName
    to: ReplicaIdentity
    index: str | None = None

    @property
    def sql(self) -> str:
        """The statement (PostgreSQL doc: ALTER TABLE)."""
        using = f"USING INDEX {quote_identifier(self.index)}" if self.index else self.to.name
        return f"ALTER TABLE ONLY {self.name.sql} REPLICA IDENTITY {using}"
