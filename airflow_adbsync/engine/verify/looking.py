"""One look at many tables, with several connections on each side at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state.verifications import TableVerification
from airflow_adbsync.engine.verify.side import Fingerprint, Side

Answers = dict[QualifiedName, Future[Fingerprint]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of both sides about a table."""

    name: QualifiedName
    statement: str


@dataclass(frozen=True, slots=True)
class Both:
    """The two sides."""

    source: Side
    target: Side


def look(both: Both, questions: Sequence[Question]) -> Iterator[TableVerification]:
    """Ask both sides at the same time; yield each table once both have answered."""
    with _asked(both.source, questions) as source, _asked(both.target, questions) as target:
        names = {future: name for side in (source, target) for name, future in side.items()}
        open_questions = set(source)
        for future in as_completed(names):
            future.result()
            name = names[future]
            if name in open_questions and source[name].done() and target[name].done():
                open_questions.remove(name)
                yield compare(name, source[name].result(), target[name].result())


def ask(side: Side, questions: Sequence[Question]) -> dict[QualifiedName, Fingerprint]:
    """Ask one side."""
    with _asked(side, questions) as answers:
        for future in as_completed(answers.values()):
            future.result()
        return {name: future.result() for name, future in answers.items()}


def compare(name: QualifiedName, source: Fingerprint, target: Fingerprint) -> TableVerification:
    """Put two answers side by side."""
    return TableVerification(name, source.rows, target.rows, source.checksum, target.checksum)


@contextmanager
def _asked(side: Side, questions: Sequence[Question]) -> Iterator[Answers]:
    """The answers to come; after an error, those that nobody waits for any more are cancelled."""
    with ThreadPoolExecutor(max_workers=side.size) as pool:
        try:
            yield {question.name: pool.submit(side.fingerprint, *_of(question)) for question in questions}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            side.cancel()
            raise


def _of(question: Question) -> tuple[QualifiedName, str]:
    return question.name, question.statement
