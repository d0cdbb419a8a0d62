"""Trying again: only what can pass by itself, with growing pauses, and for a stated time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import tenacity

from airflow_adbsync.engine.errors import AdbsyncError, ConnectionFailed

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


def is_retryable(error: BaseException) -> bool:
    """Tell whether trying again, unchanged, can help."""
    return isinstance(error, AdbsyncError) and error.retryable


@dataclass(frozen=True, slots=True)
class Windows:
    """For how long to try again: after a lost connection, and after anything else that can pass."""

    connections: timedelta
    others: timedelta

    def after(self, error: BaseException | None) -> float:
        """The seconds that this error is worth."""
        lost = isinstance(error, ConnectionFailed)
        return (self.connections if lost else self.others).total_seconds()


def with_retries(
    call: Callable[[], T],
    window: timedelta | Windows,
    *,
    longest_pause: float = 30.0,
    sleep: Callable[[float], None] = tenacity.nap.sleep,
) -> T:
    """Call until it succeeds, fails for good, or the window has passed; ``sleep`` makes the pauses.

    The window begins with the first failure: what ran for hours before it has not used it up.
    """
    windows = window if isinstance(window, Windows) else Windows(window, window)
    patience = _Patience(windows)
    return tenacity.Retrying(
        sleep=sleep,
        retry=tenacity.retry_if_exception(is_retryable),
        wait=tenacity.wait_exponential(multiplier=0.5, max=longest_pause) + tenacity.wait_random(0, 0.5),
        stop=patience.is_over,
        before_sleep=patience.say,
        reraise=True,
    )(call)


class _Patience:
    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._first: float | None = None

    def is_over(self, state: tenacity.RetryCallState) -> bool:
        return self._left(state) <= 0

    def say(self, state: tenacity.RetryCallState) -> None:
        pause = state.next_action.sleep if state.next_action else 0.0
        _LOG.warning(
            "%s Trying again in %.1f s; giving up in %.0f s.", _error(state), pause, self._left(state)
        )

    def _left(self, state: tenacity.RetryCallState) -> float:
        now = state.outcome_timestamp or 0.0
        self._first = now if self._first is None else self._first
        return self._windows.after(_error(state)) - (now - self._first)


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
