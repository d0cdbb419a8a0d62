"""What can go wrong with an embedded server."""

from __future__ import annotations

from airflow_adbsync.engine.errors import AdbsyncError


class ServerUnavailable(AdbsyncError):
    """This machine can't run an embedded server: no wheel for the platform, or no account to run it."""


class LocalServerFailed(AdbsyncError):
    """An embedded server could not be made, started or stopped; the text quotes the server's own words."""
