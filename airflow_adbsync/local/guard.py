"""A small process that stops the server when ours is gone: even SIGKILL leaves no server behind."""

from __future__ import annotations

import subprocess

from airflow_adbsync.local.cluster import Cluster

# It reads until our end of the pipe closes, which the system does for us in every kind of death.
_WAIT_THEN_STOP = 'read -r _; "$0" stop -D "$1" -m fast -t 20 || "$0" stop -D "$1" -m immediate'


class Guard:
    """Watches this process on behalf of one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _WAIT_THEN_STOP, cluster.binaries.path("pg_ctl"), cluster.data],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **cluster.account.process_options(),
        )

    def dismiss(self) -> None:
        """End the guard without touching the server."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
