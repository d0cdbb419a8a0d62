"""One sync: what the user configured, and the two databases that it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.shape import Shapes


@dataclass(frozen=True, slots=True)
class Sync:
    """Everything that a phase needs to know.

    Raises:
        ConfigError: both endpoints are the same database.
    """

    config: SyncConfig
    source: Endpoint
    target: Endpoint

    def __post_init__(self) -> None:
        if self.source.same_database_as(self.target):
            raise ConfigError(
                f"Sync {self.config.sync_id!r}: `source` and `target` are the same database ({self.source}).",
                remedy="Point `target` at another database.",
            )

    @property
    def sync_id(self) -> str:
        """The name of the sync, unique on its target."""
        return self.config.sync_id

    @property
    def slot_name(self) -> str:
        """The logical slot on the source, and the publication's name too."""
        return f"adbsync_{self.config.sync_id}"

    @property
    def shapes(self) -> Shapes:
        """What becomes of the source's tables and names on the target."""
        return Shapes(self.config)

    def to_json(self) -> dict[str, Any]:
        """Passwords included: for the standard input of a child process and nothing else."""
        return {
            "config": self.config.model_dump(mode="json"),
            "source": self.source.to_json(),
            "target": self.target.to_json(),
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(
            SyncConfig.model_validate(document["config"]),
            Endpoint.from_json(document["source"]),
            Endpoint.from_json(document["target"]),
        )
