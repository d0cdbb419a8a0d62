"""The other end of Airflow's StatsD: what it counts, and what it shows last."""

from __future__ import annotations

import socket
import threading
from collections import Counter


class StatsdListener(threading.Thread):
    """Receives on a UDP port of its own until it is closed."""

    def __init__(self) -> None:
        super().__init__(name="statsd", daemon=True)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # Nothing is sent again that finds no room.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.counts: Counter[str] = Counter()
        self.gauges: dict[str, float] = {}

    def run(self) -> None:
        while data := self._socket.recv(1 << 16):
            for line in data.decode().splitlines():
                # Some names hold moments, with colons.
                name, _, measured = line.rpartition(":")
                value, kind, *_ = measured.split("|")
                name = name.removeprefix("airflow.")
                if kind == "c":
                    self.counts[name] += int(float(value))
                elif kind == "g":
                    self.gauges[name] = float(value)

    def close(self) -> None:
        """End the thread: an empty datagram says so."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", ("127.0.0.1", self.port))
        self.join()
        self._socket.close()
