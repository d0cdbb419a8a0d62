"""Something that several checks need, and one of them reads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Fact(Generic[T]):
    """Read when it is first asked for; whoever asks meanwhile waits. A failure is kept and raised again."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._answer: tuple[T] | None = None
        self._failure: Exception | None = None

    def get(self) -> T:
        """The fact, or the failure to read it."""
        with self._lock:
            if self._answer is None and self._failure is None:
                try:
                    self._answer = (self._read(),)
                except Exception as error:  # noqa: BLE001 - raised again just below, to everybody
                    self._failure = error
        if self._answer is None:
            assert self._failure is not None  # noqa: S101 - one of both is set
            raise self._failure
        return self._answer[0]
