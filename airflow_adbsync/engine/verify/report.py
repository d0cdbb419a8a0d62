"""What a verification says to people; pure."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_adbsync.engine.errors import VerificationMismatch
from airflow_adbsync.engine.state.verifications import TableVerification

_NAMED_AT_MOST = 20


def raise_on_mismatch(results: Sequence[TableVerification]) -> None:
    """Return if all tables are equal.

    Raises:
        VerificationMismatch: some are not; the message names them with the rows of both sides.
    """
    different = [result for result in results if not result.equal]
    if not different:
        return
    named = "; ".join(_difference(result) for result in different[:_NAMED_AT_MOST])
    more = f"; and {len(different) - _NAMED_AT_MOST} more" if len(different) > _NAMED_AT_MOST else ""
    behind = max(result.behind for result in different)
    raise VerificationMismatch(
        f"{len(different)} of {len(results)} tables differ: {named}{more}.{_position(behind)}",
        remedy=_remedy(behind),
    )


def render(results: Sequence[TableVerification]) -> str:
    """Return a table for the log."""
    heads = ("table", "source rows", "target rows", "checksum", "")
    lines = [heads, *(_line(result) for result in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(_aligned(line, widths) for line in lines)


def _difference(result: TableVerification) -> str:
    if result.source_rows == result.target_rows:
        return f"{result.name} ({result.source_rows} rows on both sides, different contents)"
    return f"{result.name} (source {result.source_rows} rows, target {result.target_rows})"


def _position(behind: int) -> str:
    if not behind:
        return " The target was not behind the source."
    return f" The source was still ahead of the target, by {behind} bytes of WAL."


def _remedy(behind: int) -> str:
    if behind:
        return (
            "Let the incremental phase catch up while nobody writes to the source, then verify again. "
            "A table that differs even then was changed on the target; load it again."
        )
    return (
        "Look for what else writes to these tables on the target, stop it, load the tables again, and verify."
    )


def _line(result: TableVerification) -> tuple[str, ...]:
    checksum = result.source_checksum if result.equal else "differs"
    return (
        str(result.name),
        str(result.source_rows),
        str(result.target_rows),
        checksum,
        "equal" if result.equal else "DIFFERENT",
    )


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    name, *numbers, verdict = (
        text.ljust(width) if place in {0, len(widths) - 1} else text.rjust(width)
        for place, (text, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  ".join((name, *numbers, verdict)).rstrip()
