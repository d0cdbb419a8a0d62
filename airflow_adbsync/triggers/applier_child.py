"""The applier's process, as the event loop that watches it sees it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any, Self

from airflow_adbsync.engine.events import Event, from_line

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync

COMMAND = (sys.executable, "-m", "airflow_adbsync.engine.replication.applier_process")
_LONGEST_LINE = 1 << 20
_PATIENCE = 5.0


class ApplierChild:
    """A child process that applies one sync and lives no longer than its standard input is open.

    What it needs, credentials too, goes through that input: they stand in no argument and no variable.
    """

    def __init__(self, process: Process, say: Callable[[str], None]) -> None:
        self._process = process
        self._say = say
        self._listening = asyncio.create_task(_drain(process.stderr, say))

    @classmethod
    @contextlib.asynccontextmanager
    async def running(
        cls, sync: Sync, until: dict[str, Any], say: Callable[[str], None], command: Sequence[str] = COMMAND
    ) -> AsyncIterator[Self]:
        """Start the process, and see to its end on the way out; ``say`` gets each line of its log."""
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=_LONGEST_LINE
        )
        child = cls(process, say)
        try:
            await child._order(sync, until)
            yield child
        finally:
            await child.stop()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    async def events(self) -> AsyncIterator[Event]:
        """What it reports, until it closes its output."""
        assert self._process.stdout is not None  # noqa: S101
        async for line in self._process.stdout:
            try:
                event = from_line(line)
            except ValueError as error:
                self._say(f"its output holds something else than events: {error}")
            else:
                yield event

    async def exit_code(self) -> int:
        """Wait for its end; negative is the signal that killed it."""
        return await self._process.wait()

    def withdraw(self) -> None:
        """Close its input: it finishes the batch that it applies, says so, and leaves."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def stop(self, patience: float = _PATIENCE) -> None:
        """Ask it to leave by closing its input; kill it if it has not left ``patience`` seconds later.

        Killing it is harmless: what it had not committed is rolled back, and applied by the next one.
        """
        self.withdraw()
        try:
            await asyncio.wait_for(self._finish(), patience)
        except TimeoutError:
            self._kill()
            await self._process.wait()
        finally:
            self._kill()
            self._listening.cancel()

    async def _order(self, sync: Sync, until: dict[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101
        order = json.dumps({"sync": sync.to_json(), "until": until})
        self._process.stdin.write(order.encode() + b"\n")
        # A child that is dead already shows by its events' end.
        with contextlib.suppress(ConnectionError):
            await self._process.stdin.drain()

    async def _finish(self) -> None:
        await self._process.wait()
        await self._listening

    def _kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


async def _drain(stream: asyncio.StreamReader | None, say: Callable[[str], None]) -> None:
    assert stream is not None  # noqa: S101
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # longer than the limit, and dropped
            continue
        if not line:
            return
        say(line.decode(errors="replace").rstrip())
