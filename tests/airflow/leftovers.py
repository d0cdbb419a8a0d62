"""Finding the processes that a program leaves behind, also those whose parent is gone (Linux only)."""

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

PR_SET_CHILD_SUBREAPER = 36


@contextmanager
def orphans_become_ours() -> Iterator[Callable[[], list[str]]]:
    """While this lasts, whatever loses its parent becomes our child; gives a look at those that are new."""
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield lambda: _living_children(before)
    finally:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _living_children(before: set[int]) -> list[str]:
    """The children that are new, less those that have ended and only wait to be noticed."""
    left = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.pid in before:
                continue
            if process.status() == psutil.STATUS_ZOMBIE:
                with suppress(ChildProcessError):
                    os.waitpid(process.pid, os.WNOHANG)
                continue
            left.append(f"{process.pid} {' '.join(process.cmdline())}")
    return left
