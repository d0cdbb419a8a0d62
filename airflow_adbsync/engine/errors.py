"""Every failure has a type: what happened, what to do next, and whether a retry can help."""

from __future__ import annotations

from typing import Any, ClassVar, Self


class AdbsyncError(Exception):
    """The root of all errors of adbsync.

    ``what`` says what happened and where; ``remedy`` what to do next. ``retryable`` is true where
    trying again, unchanged, can succeed.
    """

    retryable: ClassVar[bool] = False
    _types: ClassVar[dict[str, type[AdbsyncError]]] = {}

    def __init_subclass__(cls) -> None:
        AdbsyncError._types[cls.__name__] = cls

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} What to do: {self.remedy}" if self.remedy else self.what

    def to_json(self) -> dict[str, Any]:
        """The form in which an error crosses a process boundary."""
        return {"type": type(self).__name__, "what": self.what, "remedy": self.remedy}

    @staticmethod
    def from_json(document: dict[str, Any]) -> AdbsyncError:
        """The inverse of `to_json`; a type that this version doesn't know becomes a plain `AdbsyncError`."""
        known = AdbsyncError._types.get(document["type"], AdbsyncError)
        return known(document["what"], remedy=document.get("remedy", ""))


class ConfigError(AdbsyncError):
    """What the user wrote can't be used; nothing was changed."""


class ConnectionFailed(AdbsyncError):
    """A server could not be reached, or the connection broke."""

    retryable = True


class LoginRefused(AdbsyncError):
    """The server answered and let us not in: password, pg_hba.conf, or a database that is not there."""


class RightMissing(AdbsyncError):
    """The account lacks a right on the server."""


class CapabilityMissing(AdbsyncError):
    """The server can't do what is asked of it."""


class PrecheckFailed(AdbsyncError):
    """At least one check failed, or raised an alert that nobody acknowledged."""


class LockNotObtained(AdbsyncError):
    """A lock on a source table was not given in time."""

    retryable = True


class StatementFailed(AdbsyncError):
    """A server refused a statement: the object, its definition and the server's message."""


class TransientServerError(AdbsyncError):
    """The server broke a statement off for a reason that passes: deadlock, restart, lack of memory."""

    retryable = True


class SyncUnknown(AdbsyncError):
    """The target's control schema holds no such sync."""


class ControlSchemaNewer(AdbsyncError):
    """The control schema on the target was written by a newer adbsync."""


class RelationNotLoaded(AdbsyncError):
    """Incremental replication was asked for before every table had its full load."""


class SlotTaken(AdbsyncError):
    """A slot or publication of this sync's name exists and is not this sync's."""


class SlotMissing(AdbsyncError):
    """The slot that this sync started is not on the source any more."""


class SlotLost(AdbsyncError):
    """The source removed WAL that the slot still needed; the slot can't be resumed."""


class SlotInDanger(AdbsyncError):
    """The slot still stands, but the source may soon remove WAL that it needs."""


class PublicationMissing(AdbsyncError):
    """The publication that this sync started is not on the source any more."""


class SlotAhead(AdbsyncError):
    """The slot has confirmed more than the target holds: changes would be missing."""


class SourceSwapped(AdbsyncError):
    """The source is not the server (or not the timeline) with which this sync was started."""


class SourcePromoted(SourceSwapped):
    """The source is on another timeline by now: a standby of it, or itself, was promoted."""


class TargetAhead(SourceSwapped):
    """The target holds what the source, promoted since, has never had."""


class ApplierBusy(AdbsyncError):
    """Another applier holds this sync."""

    retryable = True


class ApplierFenced(AdbsyncError):
    """Another applier took this sync over; this one must not write any more."""


class ApplierDied(AdbsyncError):
    """The applier process ended without a word."""

    retryable = True


class TextNeeded(AdbsyncError):
    """Values came in binary form of which not all have one that means the same on the target."""


class RelationDrifted(AdbsyncError):
    """A table's definition on the source no longer fits the target's."""


class ColumnsAdded(RelationDrifted):
    """The source's table has columns that the target's lacks; the names are the source's."""

    table: str
    columns: tuple[str, ...]

    @classmethod
    def to(cls, table: str, columns: tuple[str, ...], *, remedy: str) -> Self:
        """Say which."""
        error = cls(
            f"Table {table} changed on the source: it has columns there that it lacks here: "
            f"{', '.join(columns)}. Nothing after the change was applied.",
            remedy=remedy,
        )
        error.table, error.columns = table, columns
        return error


class RowMissing(AdbsyncError):
    """A change is for a row that the target does not hold."""


class TruncateRefused(AdbsyncError):
    """The source truncated a table, and the configuration says that the target's is not to be."""


class WholeRowsNeeded(AdbsyncError):
    """An update came without values that the table's filter or expressions need."""


class RowExists(AdbsyncError):
    """An insert is for a row that the target holds already."""


class TableNotEmpty(AdbsyncError):
    """A table of the target holds rows that are not the sync's to remove."""


class VerificationMismatch(AdbsyncError):
    """Source and target differ."""


class SyncRunning(AdbsyncError):
    """The sync can't be released while its applier or a load runs."""


class ProtocolViolation(AdbsyncError):
    """The source sent something that the replication protocol does not allow: a bug, here or there."""


class FenceFailed(AdbsyncError):
    """Writes to the source could not be kept out."""


class FenceLeaked(AdbsyncError):
    """The source was written to although it was fenced; the target has not taken over."""


class NotFenced(AdbsyncError):
    """A step of the cut-over was asked for before the source was fenced."""


class SwitchedOver(AdbsyncError):
    """The target has taken over from the source."""
