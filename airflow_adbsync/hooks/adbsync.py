"""The connection types ``adbsync`` and ``postgres``, read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

from airflow_adbsync.engine.errors import AdbsyncError, ConfigError
from airflow_adbsync.engine.model import Endpoint, TlsMode

if TYPE_CHECKING:
    from airflow.sdk.definitions.connection import Connection

    from airflow_adbsync.engine.connect import Connection as DatabaseConnection

_TYPES = ("adbsync", "postgres")
_EXTRAS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "application_name")
# Words of PostgresHook that say nothing about where the database is or how one enters it.
_OF_POSTGRES_HOOK = ("cursor", "sqlalchemy_scheme", "sqlalchemy_query", "aws_conn_id", "azure_conn_id")


class AdbsyncHook(BaseHook):
    """One database of the PostgreSQL family, named by a connection of type ``adbsync`` or ``postgres``.

    The connection's schema is the database. Its extras may hold ``sslmode``, ``sslrootcert``, ``sslcert``,
    ``sslkey`` and ``application_name``; others are not used, and named in a warning.
    """

    conn_name_attr = "adbsync_conn_id"
    default_conn_name = "adbsync_default"
    conn_type = "adbsync"
    hook_name = "adbsync (PostgreSQL family)"

    def __init__(self, adbsync_conn_id: str = default_conn_name, logger_name: str | None = None) -> None:
        super().__init__(logger_name=logger_name)
        self.adbsync_conn_id = adbsync_conn_id

    def endpoint(self) -> Endpoint:
        """Where the database is and how one enters it.

        Raises:
            ConfigError: the connection is of another type, lacks a field, or holds one that can't be used.
            AirflowNotFoundException: there is no such connection.
        """
        connection = self.get_connection(self.adbsync_conn_id)
        return self._read(connection, connection.extra_dejson)

    async def aendpoint(self) -> Endpoint:
        """`endpoint`, for a trigger's event loop."""
        connection = await self.aget_connection(self.adbsync_conn_id)
        return self._read(connection, await connection.aextra_dejson())

    def get_conn(self) -> DatabaseConnection:
        """Open a psycopg 3 connection.

        Raises:
            ConnectionFailed: the server can't be reached.
            LoginRefused: it answered and refused.
        """
        from airflow_adbsync.engine.connect import connect

        return connect(self.endpoint())

    def test_connection(self) -> tuple[bool, str]:
        """Answer to the "Test" button: whether one gets in, and where one is then."""
        try:
            with self.get_conn() as conn:
                row = conn.execute("SELECT version()").fetchone()
        except AdbsyncError as error:
            return False, str(error)
        return True, f"Connected: {row[0] if row else 'the server does not say what it is'}"

    def _read(self, connection: Connection, extras: Mapping[str, Any]) -> Endpoint:
        name = self.adbsync_conn_id
        if connection.conn_type not in _TYPES:
            raise ConfigError(
                f"Connection {name!r} is of type {connection.conn_type!r}.",
                remedy="Use a connection of type adbsync or postgres.",
            )
        self._warn_of_unused(connection.conn_type, extras)
        return Endpoint(
            host=_needed(name, "Host", connection.host),
            port=connection.port or 5432,
            database=_needed(name, "Database (schema)", connection.schema),
            user=_needed(name, "User (login)", connection.login),
            password=connection.password,
            tls_mode=_tls_mode(name, extras.get("sslmode")),
            tls_root_cert=extras.get("sslrootcert") or None,
            tls_cert=extras.get("sslcert") or None,
            tls_key=extras.get("sslkey") or None,
            application_name=extras.get("application_name") or "adbsync",
        )

    def _warn_of_unused(self, conn_type: str, extras: Mapping[str, Any]) -> None:
        known = {*_EXTRAS, *(_OF_POSTGRES_HOOK if conn_type == "postgres" else ())}
        unused = sorted(set(extras) - known)
        if unused:
            self.log.warning(
                "Connection %r: these extras are not used: %s", self.adbsync_conn_id, ", ".join(unused)
            )


def _needed(conn_id: str, field: str, value: str | None) -> str:
    if not value:
        raise ConfigError(f"Connection {conn_id!r} has no {field}.", remedy=f"Fill in its field {field}.")
    return value


def _tls_mode(conn_id: str, value: str | None) -> TlsMode | None:
    if not value:
        return None
    try:
        return TlsMode(value)
    except ValueError as error:
        raise ConfigError(
            f"Connection {conn_id!r}: sslmode is {value!r}.", remedy=f"Write one of {', '.join(TlsMode)}."
        ) from error
