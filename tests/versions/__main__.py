"""Run the integration tests on other versions of PostgreSQL, as source and as target: `make test-versions`.

    python -m tests.versions fetch [VERSION ...]
    python -m tests.versions run [VERSION ...] [-- arguments of pytest]

Each version is the source of one run (towards 18) and the target of another (from 16); the exit status is 0
only if all of them passed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.versions.fetching import NotFetched, fetch
from tests.versions.installed import RELEASES
from tests.versions.named import DEFAULTS, SOURCE_VARIABLE, TARGET_VARIABLE

# Unlike these, the other tests don't touch the servers under test.
_WITHOUT_OTHER_SERVERS = ("local_account", "local_server", "demo_processes", "demo_shop", "gathering")
_REPORTS = Path("test-artefacts", "versions")


@dataclass(frozen=True)
class Outcome:
    """One run: which servers, and how many tests ended how."""

    source: int
    target: int
    passed: int
    failed: int
    skipped: int
    seconds: float

    def __str__(self) -> str:
        counts = f"{self.passed:>7} {self.failed:>7} {self.skipped:>8}"
        return f"{self.source:>6} > {self.target:<6} {counts} {self.seconds:>8.0f} s"


def main(arguments: list[str]) -> int:
    end = arguments.index("--") if "--" in arguments else len(arguments)
    command, *wanted = arguments[:end] or [""]
    if command not in ("fetch", "run"):
        print(__doc__, file=sys.stderr)
        return 2
    versions = [int(word) for word in wanted] or list(RELEASES)
    for version in versions:
        try:
            fetch(version)
        except NotFetched as error:
            print(f"PostgreSQL {version}: {error}", file=sys.stderr)
            return 2
    if command == "fetch":
        return 0
    outcomes = []
    for version in versions:
        for source, target in ((version, DEFAULTS["target"]), (DEFAULTS["source"], version)):
            outcomes.append(_run(source, target, arguments[end + 1 :]))
            print(f"\n{_summary(outcomes)}\n", flush=True)
    return int(any(outcome.failed or not outcome.passed for outcome in outcomes))


def _run(source: int, target: int, more: list[str]) -> Outcome:
    print(f"\nPostgreSQL {source} > {target}", flush=True)
    _REPORTS.mkdir(parents=True, exist_ok=True)
    report = _REPORTS / f"{source}-{target}.xml"
    report.unlink(missing_ok=True)
    ignored = [f"--ignore=tests/integration/test_{name}.py" for name in _WITHOUT_OTHER_SERVERS]
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/integration", *ignored, f"--junitxml={report}", *more],
        env={**os.environ, SOURCE_VARIABLE: str(source), TARGET_VARIABLE: str(target)},
        check=False,
    )
    return _counted(source, target, report)


def _counted(source: int, target: int, report: Path) -> Outcome:
    """What pytest wrote of the run; it writes nothing where it could not begin, which counts as a failure."""
    if not report.is_file():
        return Outcome(source, target, 0, 1, 0, 0.0)
    suite = ET.parse(report).getroot().find("testsuite")
    assert suite is not None
    number = {name: int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}
    failed = number["failures"] + number["errors"]
    return Outcome(
        source=source,
        target=target,
        passed=number["tests"] - failed - number["skipped"],
        failed=failed,
        skipped=number["skipped"],
        seconds=float(suite.attrib["time"]),
    )


def _summary(outcomes: list[Outcome]) -> str:
    head = "source > target  passed  failed  skipped       time"
    return "\n".join([head, *map(str, outcomes)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
