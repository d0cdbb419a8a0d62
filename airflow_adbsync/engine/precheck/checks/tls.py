"""What goes over a network is encrypted (PostgreSQL doc: SSL Support)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from airflow_adbsync.engine.model import Finding, TlsMode
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "tls"
_CHECKS_THE_SERVER = {TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL}


def assess(side: str, *, encrypted: bool, address: str, mode: TlsMode | None) -> Finding:
    """``address`` is the server's IP address, or empty for a socket of this machine."""
    if encrypted and mode in _CHECKS_THE_SERVER:
        return passed(NAME, "Encrypted, and the server's certificate is checked.", subject=side)
    if encrypted:
        found = "Encrypted; the server's certificate is not checked, which verify-full would do."
        return passed(NAME, found, subject=side)
    if not address or ip_address(address.partition("%")[0]).is_private:
        return passed(NAME, "Not encrypted, within a private network.", subject=side)
    return alert(
        NAME,
        f"Passwords and rows travel to {address} in clear.",
        f"Set the {side} connection's TLS mode to require or, better, verify-full.",
        subject=side,
    )


def _look(context: Context) -> Iterator[Finding]:
    for side in (context.source, context.target):
        conn, mode = side.connection, side.endpoint.tls_mode
        yield assess(side.name, encrypted=conn.pgconn.ssl_in_use, address=conn.info.hostaddr, mode=mode)


CHECK = Check(NAME, _look)
