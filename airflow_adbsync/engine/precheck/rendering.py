"""A report as a table of plain text, for a log."""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from dataclasses import replace

from airflow_adbsync.engine.model import Finding, Status
from airflow_adbsync.engine.precheck.report import PrecheckReport

_TEXT_WIDTH = 80
_HEAD = ("STATUS", "CHECK", "SUBJECT", "FOUND")


def render(report: PrecheckReport, acknowledged: Collection[str] = ()) -> str:
    """The report, the worst first, with what to do under what was found.

    ``acknowledged`` names checks whose alerts are accepted besides the configuration's.
    """
    report = replace(report, acknowledged=report.acknowledged | frozenset(acknowledged))
    rows = [_row(finding, report) for finding in report.findings]
    widths = [max(len(row[place]) for row in ([*_HEAD], *rows)) for place in range(3)]
    lines = [_line(_HEAD, widths)]
    for row, finding in zip(rows, report.findings, strict=True):
        first, *more = _text(finding)
        lines.append(_line((*row, first), widths))
        lines.extend(_line(("", "", "", text), widths) for text in more)
    return "\n".join((*lines, "", _summary(report)))


def _row(finding: Finding, report: PrecheckReport) -> list[str]:
    status = "accepted" if report.is_acknowledged(finding) else finding.status.value
    return [status, finding.check, finding.subject]


def _text(finding: Finding) -> list[str]:
    found = textwrap.wrap(finding.found, _TEXT_WIDTH, break_long_words=False) or [""]
    to_do = textwrap.wrap(f"To do: {finding.remedy}", _TEXT_WIDTH, break_long_words=False)
    return found + (to_do if finding.remedy else [])


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    *short, text = cells
    padded = (cell.ljust(width) for cell, width in zip(short, widths, strict=True))
    return "  ".join((*padded, text)).rstrip()


def _summary(report: PrecheckReport) -> str:
    counts = report.counts
    accepted = sum(report.is_acknowledged(finding) for finding in report.findings)
    words = [
        f"failed {counts[Status.FAILED]}",
        f"could not run {counts[Status.BROKEN]}",
        f"alerts {counts[Status.ALERT]}" + (f" (accepted {accepted})" if accepted else ""),
        f"passed {counts[Status.PASSED]}",
    ]
    verdict = "the sync may start" if report.passed() else "the sync may not start"
    return f"Sync {report.sync_id}: {', '.join(words)}: {verdict}."
