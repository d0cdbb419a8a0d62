"""The target has the extensions that the selected objects need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from airflow_adbsync.engine.model import Finding, quote_identifier
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "extensions"
_SUBJECT = "extension "


def assess(needed: Sequence[Finding], available: Mapping[str, str]) -> Iterator[Finding]:
    """``needed``: one for each extension that something uses and the target lacks, in the source's schema.

    ``available``: extensions that the target's server could make, with their versions.
    """
    for item in needed:
        name = item.subject.removeprefix(_SUBJECT)
        if name in available:
            found = f"{item.found} The target's server has version {available[name]} of it to offer."
            yield failed(NAME, found, item.remedy, subject=item.subject)
        else:
            yield failed(
                NAME,
                f"{item.found} The target's server has no such extension to offer.",
                f"Install {quote_identifier(name)} on the target's server, or exclude what uses it.",
                subject=item.subject,
            )
    if not needed:
        yield passed(NAME, "No extension is needed that the target lacks.", subject="target")


def _look(context: Context) -> Iterator[Finding]:
    needed = [item for item in context.unsupported if item.subject.startswith(_SUBJECT)]
    available = context.target.rows("available_extensions") if needed else ()
    yield from assess(needed, dict(available))


CHECK = Check(NAME, _look)
