"""Rows of one table from the source to the target, within transactions that others have begun."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.errors import StatementFailed
from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.columns import not_binary
from airflow_adbsync.engine.load.copy_in import CopyIn
from airflow_adbsync.engine.load.copy_out import CopyOut
from airflow_adbsync.engine.load.definition import Both
from airflow_adbsync.engine.load.relay import Relayed, relay
from airflow_adbsync.engine.load.session import Pair

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Copy:
    """A table's way over: binary where every column allows it, else text."""

    pair: Pair
    both: Both

    def run(self, *, on_batch: Callable[[int], None], condition: str = "", freeze: bool = False) -> Relayed:
        """Copy the rows that meet the condition.

        Raises:
            StatementFailed: the target refused a row, or took fewer than were sent.
        """
        binary = self._is_binary()
        source, target = self.both.source, self.both.target
        return self._relay(
            statements.copy_out(source, binary=binary, condition=condition),
            statements.copy_in(source, target, binary=binary, freeze=freeze),
            on_batch,
        )

    def keys(
        self, key: Sequence[str], into: str, *, on_batch: Callable[[int], None], condition: str
    ) -> Relayed:
        """Copy the keys of the rows that meet the condition into a table of the session's own."""
        out = statements.copy_keys_out(self.both.source, key, condition=condition)
        return self._relay(out, statements.copy_keys_in(into), on_batch)

    def _relay(self, read: str, write: str, on_batch: Callable[[int], None]) -> Relayed:
        name = self.both.source.name
        out = CopyOut(self.pair.source, f"reading {name}")
        into = CopyIn(self.pair.target, f"loading {name}")
        out.start(read)
        into.start(write)
        relayed = relay(out, into, on_batch)
        if relayed.rows != relayed.rows_sent:
            raise StatementFailed(
                f"{name}: the source sent {relayed.rows_sent} rows and the target took {relayed.rows}.",
                remedy="Look for a trigger or a rule on the target's table that drops rows, and remove it.",
            )
        return relayed

    def _is_binary(self) -> bool:
        obstacles = not_binary(self.both.source, self.both.target)
        form = f"text, for {'; '.join(obstacles)}" if obstacles else "binary"
        _LOG.debug("%s is copied as %s.", self.both.source.name, form)
        return not obstacles
