"""Trying again: only what can pass by itself, with growing pauses, and for a stated time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import tenacity

from airflow_adbsync.engine.errors import AdbsyncError

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


def is_retryable(error: BaseException) -> bool:
    """Tell whether trying again, unchanged, can help."""
    return isinstance(error, AdbsyncError) and error.retryable


def retrying(
    window: timedelta, *, longest_pause: float = 30.0, sleep: Callable[[float], None] = tenacity.nap.sleep
) -> tenacity.Retrying:
    """A tenacity loop for retryable errors: the last error is raised when the window has passed."""
    return tenacity.Retrying(
        sleep=sleep,
        retry=tenacity.retry_if_exception(is_retryable),
        wait=tenacity.wait_exponential(multiplier=0.5, max=longest_pause) + tenacity.wait_random(0, 0.5),
        stop=tenacity.stop_after_delay(window),
        before_sleep=_say(window),
        reraise=True,
    )


def with_retries(
    call: Callable[[], T], window: timedelta, *, sleep: Callable[[float], None] = tenacity.nap.sleep
) -> T:
    """Call until it succeeds, fails for good, or the window has passed; ``sleep`` makes the pauses."""
    return retrying(window, sleep=sleep)(call)


def _say(window: timedelta) -> Callable[[tenacity.RetryCallState], None]:
    def say(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        pause = state.next_action.sleep if state.next_action else 0.0
        left = max(0.0, window.total_seconds() - (state.seconds_since_start or 0.0))
        _LOG.warning("%s Trying again in %.1f s; giving up in %.0f s.", error, pause, left)

    return say
