"""What a run of the phase came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from airflow_adbsync.engine.errors import StatementFailed

_FOREIGN_KEY_VIOLATION = "23503"
_EXISTS_ALREADY = frozenset({"42P07", "42710", "42723", "42P06"})
_SHOWN = 20
_SHOWN_OF_SQL = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """A statement that was refused, or not tried because what it needs was."""

    object: str
    sql: str
    error: str
    sqlstate: str = ""

    @property
    def may_pass(self) -> bool:
        """Whether rows that replication still brings can mend it."""
        return self.sqlstate == _FOREIGN_KEY_VIOLATION

    def __str__(self) -> str:
        sql = self.sql if len(self.sql) <= _SHOWN_OF_SQL else f"{self.sql[:_SHOWN_OF_SQL]} ..."
        return f"{self.object}: {self.error}\n{sql}"


@dataclass(frozen=True, slots=True)
class SchemaResult:
    """``ran`` statements now, ``already`` before.

    ``postponed`` are foreign keys that wait for `validate`, because the rows that they refer to are still on
    their way; ``left_out`` is what is not carried, and why; ``changed`` are objects that an earlier run has
    made and that the source, or the configuration, defines otherwise by now: they are left as they are.
    """

    ran: int
    already: int
    postponed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A summary for an XCom."""
        return {
            "ran": self.ran,
            "already": self.already,
            "postponed": list(self.postponed),
            "left_out": list(self.left_out),
            "changed": list(self.changed),
        }


def raise_on(failures: Sequence[Failure]) -> None:
    """Raise if there are any.

    Raises:
        StatementFailed: every object that failed, its definition and the server's message.
    """
    if not failures:
        return
    shown = "\n".join(str(failure) for failure in failures[:_SHOWN])
    more = f"\nand {len(failures) - _SHOWN} more, see adbsync.statement" if len(failures) > _SHOWN else ""
    exists = any(failure.sqlstate in _EXISTS_ALREADY for failure in failures)
    remedy = "Mend what the server names"
    if exists:
        remedy = "Drop or rename what the target has and this sync did not make, or exclude it from the sync"
    raise StatementFailed(
        f"The target refused {len(failures)} statement{'s' if len(failures) > 1 else ''}:\n{shown}{more}\n",
        remedy=f"{remedy}; then run this again: what has run is not run twice.",
    )
