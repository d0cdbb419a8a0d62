"""Ports on 127.0.0.1 that are free and likely to stay so."""

from __future__ import annotations

import random
import socket

from airflow_adbsync.local.errors import LocalServerFailed

# Below Linux's range of outgoing ports (32768 and up), so that no connection takes it during a restart;
# and at random, so that two processes that ask at once don't get the same one.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on. Raises `LocalServerFailed` where none can be had."""
    for candidate in random.sample(_PORTS, k=200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return candidate
    raise LocalServerFailed("No port could be had on 127.0.0.1.", remedy="Name a port that is free.")
