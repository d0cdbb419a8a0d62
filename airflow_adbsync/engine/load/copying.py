"""Rows of one table from the source to the target, within transactions that others have begun."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.columns import Carried
from airflow_adbsync.engine.load.copy_in import CopyIn
from airflow_adbsync.engine.load.copy_out import CopyOut
from airflow_adbsync.engine.load.counting import dropped
from airflow_adbsync.engine.load.definition import Both
from airflow_adbsync.engine.load.progress import OnBatch
from airflow_adbsync.engine.load.relay import Relayed, relay
from airflow_adbsync.engine.load.session import Pair

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Copy:
    """A table's way over: binary where every column allows it, else text."""

    pair: Pair
    both: Both

    def run(self, *, on_batch: OnBatch, conditions: Sequence[str] = (), freeze: bool = False) -> Relayed:
        """Copy the rows that meet the conditions and the table's filter.

        Raises:
            StatementFailed: the target refused a row, or took fewer than were sent.
        """
        columns = self.both.columns
        binary = self._is_binary(columns)
        read = self._read([column.expression for column in columns], conditions, binary=binary)
        names = [column.name for column in columns]
        write = statements.copy_in(self.both.target, names, binary=binary, freeze=freeze)
        return self._relay(read, write, on_batch)

    def keys(self, key: Sequence[str], into: str, *, on_batch: OnBatch, conditions: Sequence[str]) -> Relayed:
        """Copy the keys of such rows, as the target has them, into a table of the session's own."""
        expressions = {column.name: column.expression for column in self.both.columns}
        read = self._read([expressions[name] for name in key], conditions, binary=False)
        return self._relay(read, statements.copy_keys_in(into), on_batch)

    def _read(self, expressions: Sequence[str], conditions: Sequence[str], *, binary: bool) -> str:
        shape = self.both.shape
        if not shape.is_plain:
            self.pair.source.use_own_search_path()
        return statements.copy_out(
            self.both.source,
            expressions,
            binary=binary,
            conditions=(*conditions, *self.both.filters),
            plain=all(column.is_plain for column in shape.columns),
        )

    def _relay(self, read: str, write: str, on_batch: OnBatch) -> Relayed:
        name = self.both.source.name
        out = CopyOut(self.pair.source, f"reading {name}")
        into = CopyIn(self.pair.target, f"loading {name}")
        out.start(read)
        into.start(write)
        relayed = relay(out, into, on_batch)
        if relayed.rows != relayed.rows_sent:
            raise dropped(name, relayed.rows_sent, relayed.rows)
        return relayed

    def _is_binary(self, columns: Sequence[Carried]) -> bool:
        doubts = [column.doubt for column in columns if column.doubt]
        form = f"text, for {'; '.join(doubts)}" if doubts else "binary"
        _LOG.debug("%s is copied as %s.", self.both.source.name, form)
        return not doubts
