"""Which system account runs the server: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from airflow_adbsync.local.errors import ServerUnavailable

_EXISTING_UNPRIVILEGED = ("nobody", "postgres", "daemon")


@dataclass(frozen=True, slots=True)
class Account:
    """A system account, and whether it is another one than the caller's."""

    name: str
    uid: int
    gid: int
    switched: bool

    def process_options(self) -> dict[str, Any]:
        """What `subprocess` needs to run something as this account, apart from the caller's surroundings."""
        surroundings: dict[str, Any] = {"cwd": "/", "env": _environment()}
        if self.switched:
            surroundings |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return surroundings

    def run(
        self, command: Sequence[str | Path], *, stdin: IO[bytes] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end as this account, and return its output (both streams together)."""
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **self.process_options(),
        )
        return done

    @contextmanager
    def nameless_file(self, content: bytes) -> Iterator[IO[bytes]]:
        """An open file without a name that this account may open again as /dev/stdin."""
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            file.seek(0)
            if self.switched:
                os.fchown(file.fileno(), self.uid, self.gid)
            yield file

    def can_run(self, command: Sequence[str | Path]) -> bool:
        """Tell whether the command succeeds as this account; asking the system beats reading mode bits."""
        try:
            return self.run(command).returncode == 0
        except (OSError, subprocess.SubprocessError):
            return False

    def can_enter(self, directory: Path) -> bool:
        """Tell whether this account can traverse to the directory."""
        return self.can_run(["/bin/sh", "-c", 'cd "$1"', "sh", directory])


def server_account() -> Account:
    """The account that runs servers: the caller's own, or an unprivileged existing one when called by root.

    Raises `ServerUnavailable` where root can't become anyone else.
    """
    if os.geteuid() != 0:
        return Account(name=f"uid {os.geteuid()}", uid=os.geteuid(), gid=os.getegid(), switched=False)
    for name in _EXISTING_UNPRIVILEGED:
        account = _existing(name)
        if account is not None and account.can_run(["/bin/sh", "-c", ":"]):
            return account
    raise ServerUnavailable(
        f"PostgreSQL refuses to run as root, and none of the accounts {', '.join(_EXISTING_UNPRIVILEGED)} "
        "can be used in its place here.",
        remedy="Run this as an ordinary user, or name servers of your own.",
    )


def _existing(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, switched=True)


def _environment() -> dict[str, str]:
    """Nothing of the caller's PGDATA, PGPORT or locale may leak into a server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
