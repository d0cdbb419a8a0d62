"""Which key or index of the loaded tables is to be built next; pure.

A key locks its table for everybody else, several indexes of a table can be built side by side, and a table is
analyzed once all of them are there, so that indexed expressions are too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state.builds import Build


class Site:
    """A loaded table, as the target names it, and what is to be built on it."""

    def __init__(self, table: QualifiedName, size: int, builds: Iterable[Build], *, analyze: bool) -> None:
        self.table = table
        self.size = size
        self._waiting = deque(builds)
        self._analyze = analyze
        self._running = 0
        self._is_alone = False

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left, and nothing runs."""
        return not (self._waiting or self._analyze or self._running)

    @property
    def can_begin(self) -> bool:
        """Tell whether something can be begun beside that which runs."""
        if self._is_alone:
            return False
        if self._waiting:
            return not (self._waiting[0].is_key and self._running)
        return self._analyze and not self._running

    def begin(self) -> Step:
        """Begin the next step; there is one."""
        build = self._waiting.popleft() if self._waiting else None
        self._analyze = self._analyze and build is not None
        self._running += 1
        self._is_alone = build is None or build.is_key
        return Step(self, build)

    def end(self, *, well: bool) -> None:
        """Note the end of a step; after one that failed nothing more is built, for it may be needed."""
        self._running -= 1
        self._is_alone = False
        if not well:
            self._waiting.clear()


class Step:
    """One statement on a table: to build something, or (``build`` is None) to analyze it."""

    def __init__(self, site: Site, build: Build | None) -> None:
        self.site = site
        self.build = build

    def __str__(self) -> str:
        """For the log."""
        return self.build.object if self.build else f"statistics of {self.site.table}"


def pick(sites: Iterable[Site]) -> Step | None:
    """Begin something on the largest table on which something can be begun."""
    able = [site for site in sites if site.can_begin]
    return max(able, key=lambda site: site.size).begin() if able else None
