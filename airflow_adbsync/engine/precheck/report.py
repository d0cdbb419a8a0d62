"""What all checks found, and whether the sync may start: values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self

from airflow_adbsync.engine.errors import PrecheckFailed
from airflow_adbsync.engine.model import Finding, Status

_ORDER = (Status.FAILED, Status.BROKEN, Status.ALERT, Status.PASSED)


@dataclass(frozen=True, slots=True)
class PrecheckReport:
    """Findings, the worst first. ``acknowledged`` names the checks whose alerts the configuration accepts.

    ``seconds`` is how long the checks took.
    """

    sync_id: str
    findings: tuple[Finding, ...]
    acknowledged: frozenset[str] = frozenset()
    seconds: float = 0.0

    @classmethod
    def of(
        cls,
        sync_id: str,
        findings: Iterable[Finding],
        acknowledged: Iterable[str] = (),
        *,
        seconds: float = 0.0,
    ) -> Self:
        """Put the findings in order; those of equal weight keep theirs."""
        ordered = sorted(findings, key=lambda finding: _ORDER.index(finding.status))
        return cls(sync_id, tuple(ordered), frozenset(acknowledged), seconds)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each status."""
        counted = Counter(finding.status for finding in self.findings)
        return {status.value: counted[status] for status in _ORDER}

    def outstanding(self, acknowledged: Collection[str] = ()) -> tuple[Finding, ...]:
        """What keeps the sync from starting: all but what passed and alerts that are acknowledged."""
        return tuple(
            finding
            for finding in self.findings
            if finding.status is not Status.PASSED and not self.is_acknowledged(finding, acknowledged)
        )

    def is_acknowledged(self, finding: Finding, acknowledged: Collection[str] = ()) -> bool:
        """Tell whether an alert is accepted, by the configuration or here; nothing but an alert can be."""
        names = self.acknowledged | frozenset(acknowledged)
        return finding.status is Status.ALERT and finding.check in names

    def passed(self, acknowledged: Collection[str] = ()) -> bool:
        """Tell whether the sync may start."""
        return not self.outstanding(acknowledged)

    def raise_unless_passed(self, acknowledged: Collection[str] = ()) -> None:
        """Return if the sync may start.

        Raises:
            PrecheckFailed: with everything that keeps it from starting, and what to do.
        """
        outstanding = self.outstanding(acknowledged)
        if not outstanding:
            return
        lines = "\n".join(f"- {_line(finding)}" for finding in outstanding)
        alerts = sorted({finding.check for finding in outstanding if finding.status is Status.ALERT})
        raise PrecheckFailed(
            f"The precheck of sync {self.sync_id!r} did not pass:\n{lines}\n",
            remedy="Mend what failed, then run this again."
            + (f" To accept the alerts, write {alerts} into `precheck.acknowledge`." if alerts else ""),
        )


def _line(finding: Finding) -> str:
    where = f" ({finding.subject})" if finding.subject else ""
    remedy = f" To do: {finding.remedy}" if finding.remedy else ""
    return f"{finding.check}{where}: {finding.status.value}: {finding.found}{remedy}"
