"""The page of the docs that lists all checks, made from the checks themselves."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from types import ModuleType

from airflow_adbsync.engine.model import Status
from airflow_adbsync.engine.precheck.check import Check
from airflow_adbsync.engine.precheck.registry import GROUPS

# The makers of findings that a check's module imports say how it can end.
_ENDS = (Status.FAILED, Status.ALERT)
_PROLOGUE = """# Prechecks

Written by `python -m airflow_adbsync.engine.precheck.page`; a test holds it up to date.

Before a sync begins, `PrecheckOperator` looks at both servers and changes nothing there. All checks run,
several at once, whatever becomes of the others. What they found is a table in the task's log, in
`adbsync.finding` on the target, and on the Sync page. A finding is one of these:

- **failed**: the sync can't work like this. The task fails, with what to do: SQL to paste, or words.
- **alert**: data or behaviour will differ, or something will take long. The task fails, unless the check is
  acknowledged by its name.
- **broken**: the check could not run. The task fails; nothing can acknowledge that.
- **passed**: all is well; it may come with a hint.

Alerts are acknowledged in the configuration, or for one run in the DAG's parameter `acknowledge`. Who did
it, and when, is kept in `adbsync.finding` (`acknowledged_by`, `acknowledged_at`).

```yaml
precheck:
  acknowledge: [replica_identity, partitions]
  capacity: 500GB             # what the target's disks hold, for the check `room`
  long_transaction: 10min     # from which age on an open transaction is an alert
  measure_bandwidth: false    # don't send generated rows through for up to two seconds
```

`PrecheckSensor` runs the same checks again and again, and lets its DAG go on once they pass.

The number of queries is the same for ten tables and for ten thousand. Up to four connections to each server
are used; with fewer to spare, fewer. The bandwidth is measured from generated rows into a temporary table
that is rolled back."""


def page() -> str:
    """The page of the docs."""
    tables = (line for title, checks in GROUPS.items() for line in _table(title, checks))
    return "\n".join((_PROLOGUE, *tables, ""))


def ends(check: Check) -> str:
    """How a check can end but by passing."""
    if check.hands_on:
        return ", ".join(check.hands_on)
    tree = ast.parse(inspect.getsource(_module(check)))
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return ", ".join(end for end in _ENDS if end in called)


def _table(title: str, checks: tuple[Check, ...]) -> Iterator[str]:
    yield from ("", f"## {title}", "", "| Check | What must be so | Otherwise |", "| --- | --- | --- |")
    for check in checks:
        yield f"| `{check.name}` | {_first_line(check)} | {ends(check) or 'a hint'} |"


def _first_line(check: Check) -> str:
    return (inspect.getdoc(_module(check)) or "").partition("\n\n")[0].replace("\n", " ")


def _module(check: Check) -> ModuleType:
    return sys.modules[check.run.__module__]


if __name__ == "__main__":
    sys.stdout.write(page())
