"""The files of an embedded server: where its data lies, and making it with initdb."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from airflow_adbsync.local.account import Account
from airflow_adbsync.local.binaries import Binaries
from airflow_adbsync.local.errors import LocalServerFailed
from airflow_adbsync.local.shared_copy import public_directory

SUPERUSER = "postgres"
_ELSEWHERE = "adbsync-data-"


@dataclass(frozen=True, slots=True)
class Cluster:
    """One directory: `data` (or a link to it), `password`, `server.log`.

    The data lie elsewhere, in a temporary directory, where the account that runs the server can't
    traverse to this one.
    """

    directory: Path
    account: Account
    binaries: Binaries

    @property
    def data(self) -> Path:
        """PGDATA, all links followed."""
        return (self.directory / "data").resolve()

    @property
    def log_file(self) -> Path:
        """What the server writes on its standard error."""
        return self.directory / "server.log"

    @property
    def password_file(self) -> Path:
        """Readable by the caller alone; the cluster's password for as long as it lives."""
        return self.directory / "password"

    def exists(self) -> bool:
        """Tell whether initdb has been run here to its end."""
        return self.password_file.is_file() and (self.data / "PG_VERSION").is_file()

    def make(self, password: str | None) -> None:
        """Run initdb. Raises `LocalServerFailed` with what initdb said, and leaves no half-made cluster."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._refuse_foreign_data()
        secret = password or secrets.token_urlsafe(24)
        self._place_data()
        try:
            self._run_initdb(secret)
        except BaseException:
            self.remove()
            raise
        self._keep_password(secret)

    def open(self, password: str | None) -> str:
        """Check a cluster made earlier, and return its password."""
        major = (self.data / "PG_VERSION").read_text().strip()
        if major != str(self.binaries.version):
            raise LocalServerFailed(
                f"{self.directory} holds a cluster of PostgreSQL {major}, not {self.binaries.version}.",
                remedy=f"Ask for version {major}, or name another directory.",
            )
        kept = self.password_file.read_text()
        if password is not None and password != kept:
            raise LocalServerFailed(
                f"The cluster in {self.directory} was made with another password.",
                remedy=f"Leave the password out (it is in {self.password_file}), or name another directory.",
            )
        return kept

    def write_configuration(self, text: str) -> None:
        """Replace postgresql.conf; written as the server's account, which owns the directory."""
        with self.account.nameless_file(text.encode()) as nameless:
            self._must(
                ["/bin/sh", "-c", 'cat > "$1"', "sh", self.data / "postgresql.conf"],
                "write the configuration",
                stdin=nameless,
            )

    def remove(self) -> None:
        """Delete data and password, wherever they lie."""
        data = self.data
        link = self.directory / "data"
        shutil.rmtree(data, ignore_errors=True)
        if link.is_symlink():
            link.unlink()
            if data.parent.name.startswith(_ELSEWHERE):
                data.parent.rmdir()
        self.password_file.unlink(missing_ok=True)

    def _refuse_foreign_data(self) -> None:
        """A directory `data` that we didn't make is not ours to write to; a link to nothing is a leftover."""
        data = self.directory / "data"
        if data.is_symlink() and not data.exists():
            data.unlink()
        if data.exists() and any(data.iterdir()):
            raise LocalServerFailed(
                f"{data} holds files that are no complete cluster.",
                remedy="Remove it, or name another directory.",
            )

    def _place_data(self) -> None:
        link = self.directory / "data"
        if link.exists():
            if link.is_symlink():
                return
            link.rmdir()
        if self.account.can_enter(self.directory):
            self._make_data_directory(link)
            return
        home = Path(tempfile.mkdtemp(prefix=_ELSEWHERE, dir=public_directory(self.account)))
        home.chmod(0o711)
        self._make_data_directory(home / "data")
        link.symlink_to(home / "data", target_is_directory=True)

    def _make_data_directory(self, data: Path) -> None:
        data.mkdir(mode=0o700)
        if self.account.switched:
            os.chown(data, self.account.uid, self.account.gid)

    def _run_initdb(self, password: str) -> None:
        """The password goes through a file without a name, so that it shows neither in argv nor on disk."""
        with self.account.nameless_file(password.encode()) as nameless:
            self._must(
                [
                    self.binaries.path("initdb"),
                    f"--pgdata={self.data}",
                    f"--username={SUPERUSER}",
                    "--pwfile=/dev/stdin",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-sync",
                ],
                "make a cluster with initdb",
                stdin=nameless,
            )

    def _keep_password(self, password: str) -> None:
        descriptor = os.open(self.password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(password)

    def _must(self, command: list[str | Path], purpose: str, *, stdin: IO[bytes]) -> None:
        done = self.account.run(command, stdin=stdin)
        if done.returncode:
            raise LocalServerFailed(
                f"Could not {purpose} in {self.data} as {self.account.name}: "
                f"{done.stdout.decode(errors='replace').strip()}",
                remedy="Mend what the message names, or choose another directory.",
            )
