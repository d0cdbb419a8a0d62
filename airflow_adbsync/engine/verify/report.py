"""What a verification says to people; pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from airflow_adbsync.engine.errors import VerificationMismatch
from airflow_adbsync.engine.state.verification_objects import ObjectDifference
from airflow_adbsync.engine.state.verifications import TableVerification

_NAMED_AT_MOST = 20
_KEYS_NAMED = 3
_CSV = (
    "table",
    "verdict",
    "mode",
    "source_rows",
    "target_rows",
    "rows_compared",
    "differing",
    "missing_on_target",
    "missing_on_source",
    "unsettled",
    "repaired",
    "seconds",
    "row",
    "row_kind",
    "row_repaired",
)
# What a spreadsheet would take for a formula (OWASP: CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def raise_on_mismatch(results: Sequence[TableVerification]) -> None:
    """Return if all tables are equal.

    Raises:
        VerificationMismatch: some are not; the message names them with what differs.
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
    heads = ("table", "rows", "differ", "not on target", "not on source", "unsettled", "repaired", "s", "")
    lines = [heads, *(_line(result) for result in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(_aligned(line, widths) for line in lines)


def to_csv(results: Sequence[TableVerification]) -> str:
    """Return one line for each table, and one for each row that is known to differ or to have differed."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_CSV)
    for result in results:
        counts = (
            _plain(str(result.name)),
            _verdict(result),
            result.mode,
            result.source_rows,
            result.target_rows,
            result.compared,
            result.differing,
            result.missing_on_target,
            result.missing_on_source,
            result.unsettled,
            result.repaired,
            result.seconds,
        )
        writer.writerow((*counts, "", "", ""))
        for row in result.keys:
            repaired = "yes" if row.repaired else "no"
            writer.writerow((counts[0], *[""] * (len(counts) - 1), _plain(row.key), row.kind, repaired))
    return text.getvalue()


def raise_on_object_mismatch(found: Sequence[ObjectDifference]) -> None:
    """Return if nothing differs.

    Raises:
        VerificationMismatch: something does.
    """
    if not found:
        return
    named = "; ".join(_sentence(item) for item in found[:_NAMED_AT_MOST])
    more = f"; and {len(found) - _NAMED_AT_MOST} more" if len(found) > _NAMED_AT_MOST else ""
    raise VerificationMismatch(
        f"{len(found)} objects of the target are not as on the source: {named}{more}.",
        remedy="Run the schema's last phase again (finish_schema), and the sequences' phase for these; alter "
        "what is left by hand, or leave it if it is meant so.",
    )


def objects_to_csv(found: Sequence[ObjectDifference]) -> str:
    """Return one line for each object that differs."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("kind", "object", "problem", "source", "target"))
    writer.writerows(
        tuple(map(_plain, (item.kind, item.object, item.problem, item.source, item.target))) for item in found
    )
    return text.getvalue()


def _sentence(item: ObjectDifference) -> str:
    values = f" ({item.source} on the source, {item.target} here)" if item.target else ""
    return f"{item.kind} {item.object} {item.problem}{values}"


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _verdict(result: TableVerification) -> str:
    if result.behind or (not result.equal and _wrong(result) == 0):
        return "unsettled"
    return "equal" if result.equal else "different"


def _wrong(result: TableVerification) -> int:
    return result.differing + result.missing_on_target + result.missing_on_source


def _difference(result: TableVerification) -> str:
    counts = {
        "differ": result.differing,
        "are missing on the target": result.missing_on_target,
        "are missing on the source": result.missing_on_source,
        "could not be settled": result.unsettled,
    }
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "different contents"
    keys = "; ".join(row.key for row in result.keys[:_KEYS_NAMED])
    return f"{result.name} (of {result.source_rows} rows {said}{f', e.g. {keys}' if keys else ''})"


def _position(behind: int) -> str:
    if not behind:
        return ""
    return f" The source was still ahead of the target, by {behind} bytes of WAL."


def _remedy(behind: int) -> str:
    if behind:
        return (
            "Let the incremental phase catch up, or run while this verifies, and verify again: what is on "
            "its way can't be told from what differs."
        )
    return (
        "Look for what else writes to these tables on the target and stop it. Then verify with "
        "`repair: true`, which brings these rows over again, or load the tables again."
    )


def _line(result: TableVerification) -> tuple[str, ...]:
    return (
        str(result.name),
        str(result.compared),
        str(result.differing),
        str(result.missing_on_target),
        str(result.missing_on_source),
        str(result.unsettled),
        str(result.repaired),
        f"{result.seconds:.1f}",
        _verdict(result) if result.equal else _verdict(result).upper(),
    )


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    name, *numbers, verdict = (
        text.ljust(width) if place in {0, len(widths) - 1} else text.rjust(width)
        for place, (text, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  ".join((name, *numbers, verdict)).rstrip()
