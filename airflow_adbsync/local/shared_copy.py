"""A copy of the programs for an account that can't reach the virtual environment (one below /root, say)."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from dataclasses import replace
from pathlib import Path

from airflow_adbsync.local.account import Account
from airflow_adbsync.local.binaries import PACKAGE, Binaries
from airflow_adbsync.local.errors import LocalServerFailed, ServerUnavailable

_LIBRARIES = (f"{PACKAGE}.libs", f"{PACKAGE}/.dylibs")
_NEVER_RUN = shutil.ignore_patterns("include", "__pycache__")


def reachable_by(account: Account, binaries: Binaries) -> Binaries:
    """The same programs in a place where the account can run them: the wheel itself, or a copy made once.

    Safe against other processes that make the same copy. Raises `LocalServerFailed` where somebody
    else's files lie in the way, since root must not run a stranger's programs.
    """
    if account.can_run([binaries.path("postgres"), "--version"]):
        return binaries
    home = public_directory(account) / f"adbsync-postgresql-{binaries.version}-{binaries.release}"
    copy = replace(binaries, site=home)
    if not _complete(binaries, copy):
        _put_in_place(binaries, home)
    if not account.can_run([copy.path("postgres"), "--version"]):
        raise ServerUnavailable(
            f"The account {account.name} can run PostgreSQL neither from {binaries.prefix} nor from {home}.",
            remedy="Run this as an ordinary user, or allow programs to run below the temporary directory.",
        )
    return copy


def public_directory(account: Account) -> Path:
    """A temporary directory that the account can traverse; raises `ServerUnavailable` where there is none."""
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 checked below
    for candidate in candidates:
        if candidate.is_dir() and account.can_enter(candidate):
            return candidate
    raise ServerUnavailable(
        f"The account {account.name} can enter none of {', '.join(map(str, candidates))}.",
        remedy="Set TMPDIR to a directory that every account may traverse.",
    )


def _complete(binaries: Binaries, copy: Binaries) -> bool:
    """Compare names and sizes: programs that tidy temporary directories remove single files."""
    if not copy.site.exists():
        return False
    _refuse_strangers_files(copy.site)
    return _sizes(copy.prefix) == _sizes(binaries.prefix)


def _sizes(prefix: Path) -> dict[str, int]:
    return {
        str(file.relative_to(prefix)): file.stat().st_size
        for part in ("bin", "lib", "share")
        for file in (prefix / part).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def _refuse_strangers_files(home: Path) -> None:
    found = home.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise LocalServerFailed(
            f"{home} is not a directory that this account alone can write to.", remedy=f"Remove {home}."
        )


def _put_in_place(binaries: Binaries, home: Path) -> None:
    """Copy under a name of our own, then rename; whoever comes second finds the first one's copy."""
    scratch = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
    fresh = scratch / "fresh"
    shutil.copytree(
        binaries.prefix,
        replace(binaries, site=fresh).prefix,
        symlinks=True,
        ignore=_NEVER_RUN,
    )
    for libraries in _LIBRARIES:
        if (binaries.site / libraries).is_dir():
            shutil.copytree(binaries.site / libraries, fresh / libraries, symlinks=True)
    _open_to_everyone(fresh)
    try:
        if home.exists() and not _complete(binaries, replace(binaries, site=home)):
            home.rename(scratch / "incomplete")
        fresh.rename(home)  # refused where another process was first: a directory with files is not replaced
    except OSError:
        if not _complete(binaries, replace(binaries, site=home)):
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _open_to_everyone(tree: Path) -> None:
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
