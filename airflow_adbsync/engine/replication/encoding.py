"""Net changes as what COPY reads into a staging table. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.replication.forms import TEXT, Form
from airflow_adbsync.engine.replication.messages import UNCHANGED, Tuple, Value
from airflow_adbsync.engine.replication.net_change import KeyedChanges, KeylessChanges

_BLOCK = 1 << 18

Mask = tuple[int, ...]


@dataclass(slots=True)
class Census:
    """How many staged rows there are of each operation, and the masks that occur."""

    inserts: int
    deletes: int
    updates: dict[Mask, int]

    @property
    def only_inserts(self) -> bool:
        """Tell whether all rows are new."""
        return not self.deletes and not any(self.updates.values())


def take_census(changes: KeyedChanges) -> Census:
    """Count what `encode_keyed` will write; a mask's number is its place in ``updates``, from 0 on."""
    census = Census(0, 0, {(): 0})
    for row in changes.rows():
        if row.image is None:
            census.deletes += 1
        elif row.origin is None:
            census.inserts += 1
        else:
            mask = mask_of(row.image)
            census.updates[mask] = census.updates.get(mask, 0) + 1
    return census


def mask_of(row: Tuple) -> Mask:
    """The places whose value was not sent."""
    return tuple([place for place, value in enumerate(row) if value is UNCHANGED]) if UNCHANGED in row else ()


def encode_keyed(
    changes: KeyedChanges, census: Census, width: int, *, spread: bool = False, form: Form = TEXT
) -> Iterator[bytes]:
    """The staged rows, in blocks.

    With ``spread``, inserted rows too have a key: by it they find their segment.
    """
    numbers = {mask: form.number(number) for number, mask in enumerate(census.updates)}
    none = form.number(0)
    no_key: Iterable[Value] = (None,) * len(changes.key)
    no_image: Iterable[Value] = (None,) * width
    rows: list[Collection[Value]] = []
    for row in changes.rows():
        if row.image is None:
            rows.append((b"D", none, *(row.origin or ()), *no_image))
        elif row.origin is None:
            key = [row.image[place] for place in changes.key] if spread else no_key
            rows.append((b"I", none, *key, *row.image))
        else:
            rows.append((b"U", numbers[mask_of(row.image)], *row.origin, *row.image))
    return _blocks(rows, form)


def encode_keyless(changes: KeylessChanges, form: Form = TEXT) -> Iterator[bytes]:
    """The staged rows, in blocks."""
    return _blocks([(form.number(count), *row) for row, count in changes.rows()], form)


def encode_rows(changes: KeyedChanges | KeylessChanges, form: Form = TEXT) -> Iterator[bytes]:
    """The rows themselves, where all of them are new; in blocks."""
    if isinstance(changes, KeyedChanges):
        return _blocks([row.image or () for row in changes.rows()], form)
    return _blocks([row for row, count in changes.rows() for _ in range(count)], form)


def encode_arrays(changes: KeyedChanges, op: str, elements: Sequence[int], form: Form = TEXT) -> list[bytes]:
    """Arrays with the rows of one operation; ``elements`` are the oids of their elements' types.

    First each key column's, but for ``I``, then each column's, but for ``D``; none where there are no rows.
    """
    rows: list[Iterable[Value]] = []
    for row in changes.rows():
        if row.image is None:
            if op == "D":
                rows.append(row.origin or ())
        elif row.origin is None:
            if op == "I":
                rows.append(row.image)
        elif op == "U":
            rows.append((*row.origin, *row.image))
    columns = list(zip(*rows, strict=True))
    return [form.array(column, element) for column, element in zip(columns, elements, strict=bool(columns))]


def _blocks(rows: list[Collection[Value]], form: Form) -> Iterator[bytes]:
    """Nothing at all where there are no rows."""
    if not rows:
        return
    block, size = [form.begin], 0
    for row in map(form.row, rows):
        block.append(row)
        size += len(row)
        if size >= _BLOCK:
            yield b"".join(block)
            block, size = [], 0
    block.append(form.end)
    if any(block):
        yield b"".join(block)
