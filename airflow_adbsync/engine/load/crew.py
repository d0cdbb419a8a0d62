"""The hands of a load task: threads with a pair of sessions each, and the jobs that they take.

A job may hand out parts of itself (`Hand.share`): whoever is free takes parts first, then the next job.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import TypeVar

from airflow_adbsync.engine.load.session import Pair

T = TypeVar("T")
_LOOK_EVERY = 0.5
_END_WITHIN = 5.0


class Abandoned(Exception):
    """The task ends, and with it what its hands were doing."""


class Crew:
    """So many hands; none opens a connection before it has something to do."""

    def __init__(self, hands: int, open_pair: Callable[[], AbstractContextManager[Pair]]) -> None:
        self.open_pair = open_pair
        self.changed = threading.Condition()
        self.shares: list[_Share] = []
        self._hands = hands
        self._jobs: deque[Job] = deque()
        self._alive = self._busy = 0
        self._error: BaseException | None = None
        self.over = False

    def run(self, jobs: Iterable[Job]) -> None:
        """Do the jobs, begun in their order.

        After the first that fails none is begun; its error is raised when those that run have ended.
        """
        self._jobs.extend(jobs)
        self._alive = self._hands
        hands = [threading.Thread(target=self._work, daemon=True) for _ in range(self._hands)]
        for hand in hands:
            hand.start()
        try:
            with self.changed:
                while self._alive:
                    # A wait without a limit would keep signals from being heard.
                    self.changed.wait(_LOOK_EVERY)
        except BaseException:
            self._abandon()
            for hand in hands:
                hand.join(_END_WITHIN)
            raise
        if self._error is not None:
            raise self._error

    @property
    def failed(self) -> bool:
        """Tell whether nothing new is to be begun."""
        return self.over or self._error is not None

    def _work(self) -> None:
        hand = Hand(self)
        try:
            while (job := self._next()) is not None:
                self._do(job, hand)
        finally:
            hand.close()
            with self.changed:
                self._alive -= 1
                self.changed.notify_all()

    def _do(self, job: Job, hand: Hand) -> None:
        error = None
        try:
            job(hand)
        except BaseException as caught:  # noqa: BLE001 - it is raised where the task waits
            error = caught
        with self.changed:
            self._error = self._error or error
            self._busy -= 1
            self.changed.notify_all()

    def _next(self) -> Job | None:
        with self.changed:
            while not self.failed:
                part = next((share.help() for share in self.shares if share.parts), None)
                job = part or (self._jobs.popleft() if self._jobs else None)
                if job:
                    self._busy += 1
                    return job
                if not self._busy:
                    return None
                self.changed.wait(_LOOK_EVERY)
            return None

    def _abandon(self) -> None:
        with self.changed:
            self.over = True
            self.changed.notify_all()


class Hand:
    """One thread's sessions: opened when they are needed, and anew after an error."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._pair: Pair | None = None
        self._open = ExitStack()

    def use(self, act: Callable[[Pair], T]) -> T:
        """Do something with the sessions; an error closes them, and with them their transactions."""
        try:
            if self._pair is None:
                self._pair = self._open.enter_context(self._crew.open_pair())
            return act(self._pair)
        except BaseException:
            self.close()
            raise

    def share(self, parts: Iterable[Job]) -> None:
        """Do these together with whoever is free; after the first that fails none is begun.

        Raises:
            Abandoned: the task ends, though some parts may be left.
        """
        share = _Share(self._crew.changed, deque(parts))
        with self._crew.changed:
            self._crew.shares.append(share)
            self._crew.changed.notify_all()
        try:
            while part := self._part_of(share):
                part(self)
        finally:
            share.end()
            with self._crew.changed:
                self._crew.shares.remove(share)
        if share.error is not None:
            raise share.error
        self.check()

    def check(self) -> None:
        """Return if the task goes on.

        Raises:
            Abandoned: it doesn't.
        """
        if self._crew.over:
            raise Abandoned

    def sleep(self, seconds: float) -> None:
        """Pause, unless the task ends."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, _LOOK_EVERY))

    def close(self) -> None:
        """Close the sessions."""
        self._pair = None
        self._open.close()

    def _part_of(self, share: _Share) -> Job | None:
        with self._crew.changed:
            if self._crew.failed and share.parts:
                raise Abandoned
            return share.help() if share.parts else None


Job = Callable[[Hand], None]


@dataclass(slots=True)
class _Share:
    """The parts of one job; those that run, and the first error among them."""

    changed: threading.Condition
    parts: deque[Job]
    running: int = 0
    error: BaseException | None = field(default=None)

    def help(self) -> Job:
        """Take a part; whoever holds the condition."""
        part = self.parts.popleft()
        self.running += 1
        return lambda hand: self._do(part, hand)

    def end(self) -> None:
        """Hand out no more, and wait for what runs."""
        with self.changed:
            self.parts.clear()
            while self.running:
                self.changed.wait(_LOOK_EVERY)

    def _do(self, part: Job, hand: Hand) -> None:
        error = None
        try:
            part(hand)
        except BaseException as caught:  # noqa: BLE001 - it is raised where the parts are waited for
            error = caught
        with self.changed:
            if error is not None:
                self.error = self.error or error
                self.parts.clear()
            self.running -= 1
            self.changed.notify_all()
