"""Where a database is and how one enters it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self


class TlsMode(StrEnum):
    """libpq's sslmode."""

    DISABLE = "disable"
    ALLOW = "allow"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One database on one server. The password never shows in its text form."""

    host: str
    database: str
    user: str
    port: int = 5432
    password: str | None = field(default=None, repr=False)
    tls_mode: TlsMode | None = None
    tls_root_cert: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    application_name: str = "adbsync"

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}/{self.database}"

    def same_database_as(self, other: Endpoint) -> bool:
        """Tell whether both name the same database by the same address."""
        return (self.host, self.port, self.database) == (other.host, other.port, other.database)

    def to_json(self) -> dict[str, Any]:
        """All of it, the password too: for the standard input of a child process and nothing else."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        mode = document.get("tls_mode")
        return cls(**{**document, "tls_mode": TlsMode(mode) if mode else None})
