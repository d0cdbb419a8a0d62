from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.replication.encoding import Census
from airflow_adbsync.engine.replication.transactions import Transactions

INTERFACE: int

class Reader:
    def __init__(self, pgconn: Any, take: int, release: int) -> None: ...
    def __call__(self, async_: int) -> tuple[int, Any]: ...

class Changes:
    key: tuple[int, ...]
    binary: bool
    weight: int
    def __init__(
        self, table: QualifiedName, width: int, key: tuple[int, ...], full: bool, binary: bool = False
    ) -> None: ...
    def __len__(self) -> int: ...
    def fold(self, data: bytes, at: int = 0) -> None: ...
    def census(self) -> Census: ...
    def copies(self) -> tuple[int, int]: ...
    def staged(self, spread: bool) -> Iterator[bytes]: ...
    def arrays(self, op: str, elements: Sequence[int]) -> list[bytes]: ...
    def plain(self) -> Iterator[bytes]: ...

def drain(
    read: Callable[[int], tuple[int, Any]],
    more: Callable[[], bool],
    tables: Mapping[int, Any],
    transactions: Transactions,
    *,
    most: int,
    room: int,
) -> tuple[int, int, int, bytes]: ...
