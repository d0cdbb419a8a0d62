"""What of the target decides about what can be made there; pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.schema.placement import Engines


@dataclass(frozen=True, slots=True)
class Target:
    """The target as its catalog shows it before anything is made.

    ``superuser`` is the account; ``passes_row_security`` that no policy hides rows from it; ``extensions``
    are the names of those that are installed, with their schemas.
    """

    can: Capabilities
    schemas: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"sql", "plpgsql"})
    access_methods: frozenset[str] = frozenset({"heap"})
    extensions: frozenset[tuple[str, str]] = frozenset()
    superuser: bool = True
    passes_row_security: bool = True
    engines: Engines = field(default_factory=Engines)
