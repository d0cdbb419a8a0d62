"""A server, as it describes itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """The kinds of server that differ in what they can do."""

    POSTGRESQL = "postgresql"
    GREENPLUM = "greenplum"
    ANALYTICDB = "analyticdb"


@dataclass(frozen=True, slots=True)
class Server:
    """Family, kernel version and identity of a server; ``version_num`` is ``server_version_num``."""

    family: Family
    version_num: int
    version: str
    system_identifier: str
    timeline: int
    database: str

    @property
    def major(self) -> int:
        """The PostgreSQL kernel's major version, e.g. 12."""
        return self.version_num // 10_000
