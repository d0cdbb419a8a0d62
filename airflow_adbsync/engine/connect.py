"""Opening connections to an endpoint, and naming what goes wrong there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from airflow_adbsync.engine.errors import (
    AdbsyncError,
    ConnectionFailed,
    LoginRefused,
    RightMissing,
    StatementFailed,
    TransientServerError,
)
from airflow_adbsync.engine.model import Endpoint

Connection = psycopg.Connection[tuple[Any, ...]]
AsyncConnection = psycopg.AsyncConnection[tuple[Any, ...]]

# Text forms must not depend on a server's settings (PostgreSQL doc: Client Connection Defaults).
PINNED_SETTINGS = {
    "client_encoding": "UTF8",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "xmloption": "content",
    "lc_monetary": "C",
}
# A database may be made read-only for everybody else, see engine.cutover.
_MAY_WRITE = {"default_transaction_read_only": "off"}
_CONNECT_WITHIN = 15  # seconds
_LOGIN_REFUSED = re.compile(
    r"password authentication failed|no password supplied|no pg_hba\.conf entry|does not exist|"
    r"is not permitted to log in|authentication failed",
)
_NOT_YET = re.compile(
    r"starting up|shutting down|in recovery mode|too many (clients|connections)|remaining connection slots"
)
_TRANSIENT_CLASSES = ("40", "53", "55", "57", "58")
_PERMANENT_STATES = {"53100", "57014"}
_MEND = "Mend what the server names, then run this again."
_REMEDIES = {
    "53100": "The server's disk is full: make room there, then run this again.",
    "57014": "Somebody or a timeout broke it off: see to that, then run this again.",
}


def connect(endpoint: Endpoint, *, autocommit: bool = False, **settings: str) -> Connection:
    """Open a connection whose text forms are pinned; ``settings`` are server settings for this session.

    Raises:
        ConnectionFailed: the server can't be reached; a retry may help.
        LoginRefused: it answered and refused.
    """
    with typed_errors(endpoint):
        return psycopg.connect(conninfo(endpoint, **settings), autocommit=autocommit)


async def connect_async(
    endpoint: Endpoint, *, autocommit: bool = True, within: int = _CONNECT_WITHIN, **settings: str
) -> AsyncConnection:
    """`connect` for an event loop; ``within`` is how many seconds the server has to answer."""
    text = make_conninfo(conninfo(endpoint, **settings), connect_timeout=within)
    with typed_errors(endpoint):
        return await psycopg.AsyncConnection.connect(text, autocommit=autocommit)


def connect_replication(endpoint: Endpoint, **settings: str) -> Connection:
    """Open a logical replication connection (PostgreSQL doc: Streaming Replication Protocol)."""
    with typed_errors(endpoint):
        return psycopg.connect(conninfo(endpoint, replication="database", **settings), autocommit=True)


def quiet_triggers(conn: Connection) -> bool:
    """Keep triggers, rules and foreign keys from firing in this session; False where the account may not.

    (PostgreSQL doc: session_replication_role; from 15 on the right can be granted without SUPERUSER.)
    """
    try:
        with conn.transaction():
            conn.execute("SET session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def conninfo(endpoint: Endpoint, *, replication: str | None = None, **settings: str) -> str:
    """The libpq connection string; it holds the password, so it goes to libpq and nowhere else."""
    wanted = {**PINNED_SETTINGS, **_MAY_WRITE, **settings}
    options = " ".join(f"-c {name}={_escape(value)}" for name, value in wanted.items())
    return make_conninfo(
        host=endpoint.host,
        port=endpoint.port,
        dbname=endpoint.database,
        user=endpoint.user,
        password=endpoint.password,
        sslmode=endpoint.tls_mode.value if endpoint.tls_mode else None,
        sslrootcert=endpoint.tls_root_cert,
        sslcert=endpoint.tls_cert,
        sslkey=endpoint.tls_key,
        application_name=endpoint.application_name,
        options=options,
        replication=replication,
        connect_timeout=_CONNECT_WITHIN,
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        tcp_user_timeout=60_000,
    )


@contextmanager
def typed_errors(endpoint: Endpoint, doing: str = "") -> Iterator[None]:
    """Turn psycopg's errors into ours, named after the endpoint and what was being done there."""
    try:
        yield
    except psycopg.Error as error:
        raise classify(error, endpoint, doing) from error


def classify(error: psycopg.Error, endpoint: Endpoint | None = None, doing: str = "") -> AdbsyncError:
    """Decide, in this one place, what an error of the driver or the server means.

    The server's SQLSTATE decides where there is one (PostgreSQL doc: Appendix A), else the message.
    """
    where = f"{endpoint}: " if endpoint else ""
    message = f"{where}{doing + ': ' if doing else ''}{str(error).strip()}"
    state = error.sqlstate
    if state is None:
        return _classify_message(error, message)
    if state == "42501":
        return RightMissing(
            message, remedy="Grant the account the right that the server names, then run this again."
        )
    if state.startswith("28") or state == "3D000":
        return LoginRefused(message, remedy="Check user, password, database and pg_hba.conf.")
    if state.startswith("08") or state in {"57P01", "57P02", "57P03"}:
        return ConnectionFailed(
            message, remedy="Nothing to do if the server is restarting: it is tried again."
        )
    if state[:2] in _TRANSIENT_CLASSES and state not in _PERMANENT_STATES:
        return TransientServerError(message, remedy="It is tried again; if it stays, see the server's log.")
    return StatementFailed(message, remedy=_REMEDIES.get(state, _MEND))


def _classify_message(error: psycopg.Error, message: str) -> AdbsyncError:
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StatementFailed(message)
    if _LOGIN_REFUSED.search(message) and not _NOT_YET.search(message):
        return LoginRefused(message, remedy="Check user, password, database and pg_hba.conf.")
    return ConnectionFailed(
        message, remedy="Check host, port and firewall; a restarting server is tried again."
    )


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
