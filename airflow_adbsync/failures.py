"""What a failure of the engine becomes in Airflow; one place decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowFailException

from airflow_adbsync.engine.errors import AdbsyncError


@contextmanager
def airflow_failures() -> Iterator[None]:
    """Let what a retry can mend pass, so that Airflow tries the task again; end the task for the rest.

    Raises:
        AdbsyncError: it is retryable.
        AirflowFailException: it is not; the text says what happened and what to do.
    """
    try:
        yield
    except AdbsyncError as error:
        if error.retryable:
            raise
        raise AirflowFailException(f"{type(error).__name__}: {error}") from error
