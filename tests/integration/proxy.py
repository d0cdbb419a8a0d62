"""A proxy in front of a server: connections through it can be cut in the middle of a message, or freeze."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import replace

from airflow_adbsync.engine.model import Endpoint

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """Passes bytes on, on a port of its own, until it is closed; the server behind it may be restarted."""

    def __init__(self, server: Endpoint) -> None:
        self._server = server
        self._listener = socket.create_server((server.host, 0))
        self._flowing = threading.Event()
        self._flowing.set()
        self._links: set[_Link] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self) -> Endpoint:
        """The way into the server's database that leads through here."""
        return replace(self._server, port=self._listener.getsockname()[1])

    def cut(self, after: int) -> None:
        """Break every connection that there is once so many more bytes have come from the server."""
        for link in tuple(self._links):
            link.left = after

    def freeze(self) -> None:
        """Pass nothing on until `thaw`; nobody is told."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Pass on what has waited."""
        self._flowing.set()

    def close(self) -> None:
        """Accept no more connections, and break those that there are."""
        self.thaw()
        # Else the thread that waits in accept() keeps the port open.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in tuple(self._links):
            link.reset()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((self._server.host, self._server.port))
            except OSError:
                client.close()
                continue
            link = _Link(client, server, self._flowing)
            self._links.add(link)
            link.start(self._links.discard)


class _Link:
    """One connection through the proxy; ``left`` is how many bytes from the server it still passes on."""

    def __init__(self, client: socket.socket, server: socket.socket, flowing: threading.Event) -> None:
        self._client, self._server, self._flowing = client, server, flowing
        self.left: int | None = None

    def start(self, ended: Callable[[_Link], None]) -> None:
        back = threading.Thread(target=self._pump, args=(self._client, self._server), daemon=True)
        back.start()

        def answers() -> None:
            self._pump(self._server, self._client)
            back.join()
            ended(self)
            self._client.close()
            self._server.close()

        threading.Thread(target=answers, daemon=True).start()

    def reset(self) -> None:
        """Break it on both sides as a firewall would."""
        for side in (self._client, self._server):
            with contextlib.suppress(OSError):
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                side.shutdown(socket.SHUT_RDWR)

    def _pump(self, giver: socket.socket, taker: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := giver.recv(1 << 16):
                self._flowing.wait()
                if giver is self._server and self.left is not None:
                    data = data[: self.left]
                    self.left -= len(data)
                taker.sendall(data)
                if self.left == 0:
                    break
            else:
                taker.shutdown(socket.SHUT_WR)
                return
        self.reset()
