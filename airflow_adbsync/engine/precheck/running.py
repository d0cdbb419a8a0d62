"""Running every check, whatever becomes of the others."""

from __future__ import annotations

import difflib
import logging
import threading
import time
from collections import deque
from collections.abc import Collection, Iterable, Sequence

from airflow_adbsync.engine import state
from airflow_adbsync.engine.errors import AdbsyncError, ConfigError
from airflow_adbsync.engine.model import Finding, Status
from airflow_adbsync.engine.precheck.check import Check
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.registry import CHECKS
from airflow_adbsync.engine.precheck.report import PrecheckReport
from airflow_adbsync.engine.precheck.side import NotRun
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
_THREADS = 4


def check(sync: Sync, acknowledged: Collection[str] = ()) -> PrecheckReport:
    """Run all checks; nothing is changed on either side.

    Raises:
        ConfigError: `precheck.acknowledge`, or ``acknowledged``, names a check that does not exist.
    """
    refuse_unknown((*sync.config.precheck.acknowledge, *acknowledged))
    begun = time.monotonic()
    with state.phases.running(sync.target, sync.sync_id, "precheck"), Context(sync) as context:
        findings = run_all(CHECKS, context)
    seconds = time.monotonic() - begun
    return PrecheckReport.of(sync.sync_id, findings, sync.config.precheck.acknowledge, seconds=seconds)


def run_all(checks: Sequence[Check], context: Context, threads: int = _THREADS) -> list[Finding]:
    """Every check's findings, in the checks' order; they run side by side, each thread on its connections.

    Where a server has no room for so many connections, fewer threads run them.
    """
    waiting = deque(sorted(checks, key=lambda one: not one.slow))
    found: dict[str, list[Finding]] = {}

    def work() -> None:
        while waiting:
            try:
                one = waiting.popleft()
            except IndexError:
                return
            found[one.name] = _run(one, context)

    def join_in() -> None:
        if waiting and context.join():
            work()

    context.reach()
    # Daemons: a killed task must not wait for a server that doesn't answer.
    more = [
        threading.Thread(target=join_in, name=f"adbsync-precheck-{n}", daemon=True) for n in range(1, threads)
    ]
    for thread in more:
        thread.start()
    work()
    for thread in more:
        thread.join()
    return [finding for one in checks for finding in found[one.name]]


def refuse_unknown(names: Iterable[str]) -> None:
    """Return if every name is a check's.

    Raises:
        ConfigError: one is not.
    """
    known = [one.name for one in CHECKS]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise ConfigError(
                f"`precheck.acknowledge`: there is no check {name!r}.",
                remedy=f"Did you mean {near[0]!r}?" if near else f"The checks are: {', '.join(known)}.",
            )


def _run(one: Check, context: Context) -> list[Finding]:
    try:
        return list(one.run(context))
    except NotRun as reason:
        return [Finding(one.name, Status.BROKEN, f"Not looked at: {reason}.")]
    except AdbsyncError as error:
        return [Finding(one.name, Status.BROKEN, f"Could not run: {error.what}", error.remedy)]
    except Exception as error:  # noqa: BLE001 - one broken check must not hide what the others find
        _LOG.exception("Check %s broke", one.name)
        remedy = "This is a bug: please report it with the log."
        return [Finding(one.name, Status.BROKEN, f"Broke with {type(error).__name__}: {error}", remedy)]
