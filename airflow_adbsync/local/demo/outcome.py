"""The tables at the end: both sides, the time that each phase took, the lag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from airflow_adbsync.local.demo.comparison import Comparison, Content, SequencePair, TablePair
from airflow_adbsync.local.demo.picture import Lag, Step, people_bytes, people_seconds
from airflow_adbsync.local.demo.shop import Report


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; ``run_state`` is Airflow's word for the whole DAG run."""

    comparison: Comparison
    run_state: str
    steps: tuple[Step, ...]
    lags: tuple[Lag, ...]
    written: Report | None
    applied: int

    @property
    def good(self) -> bool:
        """Tell whether every task succeeded and everything matched."""
        return self.run_state == "success" and self.comparison.matches


def tables(outcome: Outcome) -> list[RenderableType]:
    """Everything that is printed at the end, in its order."""
    return [
        _tables(outcome.comparison.tables),
        *([_sequences(outcome.comparison.sequences)] if outcome.comparison.sequences else []),
        _times(outcome.steps),
        *_lines(outcome),
        _verdict(outcome),
    ]


def _table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    return table


def _tables(pairs: Iterable[TablePair]) -> Table:
    table = _table("Rows and checksums, computed by the demo itself on both servers", "table")
    for header in ("source rows", "target rows"):
        table.add_column(header, justify="right")
    for header in ("source checksum", "target checksum"):
        table.add_column(header, min_width=12)
    table.add_column("", no_wrap=True)
    for pair in pairs:
        table.add_row(
            Text(str(pair.name)),
            _rows(pair.source),
            _rows(pair.target),
            pair.source.checksum if pair.source else "no such table",
            pair.target.checksum if pair.target else "no such table",
            _mark(good=pair.matches),
        )
    return table


def _sequences(pairs: Iterable[SequencePair]) -> Table:
    table = _table("Sequences, and the value that each gives next", "sequence")
    table.add_column("source", justify="right")
    table.add_column("target", justify="right")
    table.add_column("")
    for pair in pairs:
        values = ("none" if value is None else f"{value:,}" for value in (pair.source, pair.target))
        ahead = pair.matches and pair.source != pair.target
        table.add_row(Text(str(pair.name)), *values, "ahead" if ahead else _mark(good=pair.matches))
    return table


def _times(steps: Iterable[Step]) -> Table:
    table = _table("Time", "step or phase")
    table.add_column("state")
    table.add_column("time", justify="right")
    table.add_column("")
    for step in steps:
        took = people_seconds(step.seconds) if step.seconds is not None else ""
        table.add_row(step.title, step.state.value, took, step.detail)
    return table


def _lines(outcome: Outcome) -> list[RenderableType]:
    lines: list[RenderableType] = []
    if outcome.written is not None:
        lines.append(writer_line(outcome.written))
    if outcome.lags:
        lines.append(f"Lag: {lag_line(outcome.lags)}. Changes applied: {outcome.applied:,}.")
    return lines


def lag_line(lags: Sequence[Lag]) -> str:
    """The samples in one line: the middle one, the largest, the last."""
    by_time = sorted(lag.seconds for lag in lags)
    by_size = sorted(lag.bytes for lag in lags)
    return (
        f"median {by_time[len(lags) // 2]:.1f} s and {people_bytes(by_size[len(lags) // 2])}, "
        f"largest {by_time[-1]:.1f} s and {people_bytes(by_size[-1])}, last {lags[-1].seconds:.1f} s "
        f"({len(lags)} samples)"
    )


def writer_line(report: Report) -> str:
    """What the writer has done, in one line."""
    return (
        f"Writer: {report.transactions:,} transactions in {report.elapsed:.0f} s, {report.average:.0f} a "
        f"second; {report.failed:,} ended by a deadlock or a lost race."
    )


def _verdict(outcome: Outcome) -> Text:
    if outcome.good:
        return Text("Everything matched: each table and each sequence.", style="bold green")
    wrong = [str(name) for name in outcome.comparison.different]
    said = [f"The DAG run ended as {outcome.run_state}."] if outcome.run_state != "success" else []
    said += [f"These do not match: {', '.join(wrong)}."] if wrong else []
    return Text(" ".join(said) or "There was nothing to compare.", style="bold red")


def _rows(content: Content | None) -> str:
    return f"{content.rows:,}" if content else ""


def _mark(*, good: bool) -> Text:
    return Text("equal", style="green") if good else Text("DIFFERENT", style="bold red")
