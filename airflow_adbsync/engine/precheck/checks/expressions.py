"""Filters and expressions of the configuration are ones that both servers can evaluate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.expression import Expression, expressions
from airflow_adbsync.engine.precheck.listing import counted
from airflow_adbsync.engine.precheck.parsing import Refusal, refusals

NAME = "expressions"


def assess(count: int, refused: Sequence[tuple[str, Expression, Refusal]]) -> Iterator[Finding]:
    """``refused``: the side, the expression and the server's words.

    A load evaluates on the source, replication on the target.
    """
    for side, item, refusal in refused:
        yield failed(
            NAME,
            f"`{item.key}`: the {side} can't evaluate {item.text!r}: {refusal}",
            "Write it so that both servers understand it, with the source's names of columns.",
            subject=side,
        )
    if not refused:
        words = f"Both servers understand {counted(count, 'expression')}." if count else "There are none."
        yield passed(NAME, words)


def _look(context: Context) -> Iterator[Finding]:
    found = [
        item
        for relation, shape in zip(context.relations, context.shapes, strict=True)
        for item in expressions(relation, shape)
    ]
    refused = [
        (side.name, item, refusal)
        for side in (context.source, context.target)
        for item, refusal in refusals(side, found)
    ]
    yield from assess(len(found), refused)


CHECK = Check(NAME, _look)
