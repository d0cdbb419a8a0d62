"""The settings of an embedded server, as the text of its postgresql.conf."""

from __future__ import annotations

from collections.abc import Mapping

_ALWAYS: dict[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # no socket, so no path that could exceed the 107 bytes of sockaddr_un
    "password_encryption": "scram-sha-256",
    "wal_level": "logical",
    "max_connections": "200",
    "max_replication_slots": "50",
    "max_wal_senders": "50",
    "max_worker_processes": "16",
    "max_locks_per_transaction": "256",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d %a ",
    "logging_collector": "off",
}

# synchronous_commit stays on: without it an immediate stop would lose commits that were confirmed, and a
# server that forgets is no stand-in for a real one. Without fsync it costs next to nothing.
_NOT_DURABLE: dict[str, str] = {"fsync": "off", "full_page_writes": "off"}


def configuration(*, port: int, durable: bool, settings: Mapping[str, str]) -> str:
    """The whole configuration file; what the caller names wins, except for the port.

    ``durable=False`` survives a killed server, not a machine that loses power.
    """
    chosen = {**_ALWAYS, **({} if durable else _NOT_DURABLE), **settings, "port": str(port)}
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in chosen.items())


def _quoted(value: str) -> str:
    """Quoted as in postgresql.conf (PostgreSQL 20.1.2): a quote or a backslash is doubled."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
