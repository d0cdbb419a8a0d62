"""The demo's last word."""

import io

import pytest
from rich.console import Console

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.local.demo.comparison import Comparison, Content, SequencePair, TablePair
from airflow_adbsync.local.demo.journal import Journal
from airflow_adbsync.local.demo.outcome import Outcome, tables
from airflow_adbsync.local.demo.picture import Lag, Step, StepState

NAME = QualifiedName("Back Office", 'Audit "Log"')
EQUAL = TablePair(NAME, Content(3, "ab"), Content(3, "ab"))
AHEAD = SequencePair(QualifiedName("shop", "s"), 10, 12)


def outcome(comparison: Comparison, run_state: str = "success") -> Outcome:
    return Outcome(comparison, run_state, (Step("load", StepState.DONE, 2.0),), (Lag(10, 0.5),), None, 7)


@pytest.mark.parametrize(
    ("comparison", "good"),
    [
        (Comparison((EQUAL,), (AHEAD,)), True),
        (Comparison(()), False),
        (Comparison((EQUAL, TablePair(NAME, Content(3, "ab"), Content(3, "ac")))), False),
        (Comparison((TablePair(NAME, Content(3, "ab"), Content(4, "ab")),)), False),
        (Comparison((TablePair(NAME, Content(3, "ab"), None),)), False),
        (Comparison((TablePair(NAME, None, Content(3, "ab")),)), False),
        (Comparison((EQUAL,), (SequencePair(NAME, 10, 9),)), False),
        (Comparison((EQUAL,), (SequencePair(NAME, 10, None),)), False),
    ],
)
def test_it_is_good_only_if_all_of_it_matches(comparison: Comparison, good: bool) -> None:
    assert outcome(comparison).good is good


def test_a_failed_run_is_not_good_though_everything_matches() -> None:
    assert not outcome(Comparison((EQUAL,)), "failed").good


def printed(what: Outcome) -> str:
    console = Console(file=io.StringIO(), width=140)
    for part in tables(what):
        console.print(part, highlight=False)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_what_differs_is_named() -> None:
    text = printed(outcome(Comparison((EQUAL, TablePair(NAME, Content(3, "ab"), None)))))
    assert "DIFFERENT" in text
    assert 'These do not match: "Back Office"."Audit ""Log""".' in text


def test_what_matches_is_shown_with_times_and_lag() -> None:
    text = printed(outcome(Comparison((EQUAL,), (AHEAD,))))
    assert "Everything matched" in text
    assert "median 0.5 s and 10 B" in text
    assert "2.0 s" in text
    assert "DIFFERENT" not in text


def test_the_journal_tells_how_a_step_ended() -> None:
    now = iter([0.0, 2.0, 5.0, 9.0])
    journal = Journal(("a", "b", "c"), clock=lambda: next(now))
    with journal.step("a") as note:
        note("half way")
    with pytest.raises(ValueError, match="no"), journal.step("b"):
        raise ValueError("no")
    assert journal.steps() == (
        Step("a", StepState.DONE, 2.0, detail="half way"),
        Step("b", StepState.FAILED, 4.0),
        Step("c"),
    )
