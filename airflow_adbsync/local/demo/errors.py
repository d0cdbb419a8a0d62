"""What can go wrong in the demo, apart from what can go wrong in the engine."""

from __future__ import annotations

from airflow_adbsync.engine.errors import AdbsyncError


class DemoFailed(AdbsyncError):
    """The demo could not be carried through."""


class DirectoryInUse(DemoFailed):
    """The directory holds something else, or another demo runs in it."""


class ComponentDied(DemoFailed):
    """A process that the demo needs has ended."""


class AirflowRefused(DemoFailed):
    """Airflow's REST API answered with an error.

    ``status`` is HTTP's, or 0 where there was no answer.
    """

    def __init__(self, what: str, *, remedy: str = "", status: int = 0) -> None:
        super().__init__(what, remedy=remedy)
        self.status = status
