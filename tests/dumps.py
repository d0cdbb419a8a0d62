"""What pg_dump says of two databases' schemas, object by object: a second opinion on the schema phase.

Both sides are dumped by the same pg_dump, the newest there is. Away goes what has to differ: owners, the
versions and settings at the head, the order, the control schema, and what a configuration asked to change.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from difflib import unified_diff

from airflow_adbsync.local.binaries import installed
from tests.databases import Database, libpq_environment
from tests.versions import named

HEADER = re.compile(
    r"^--\n-- Name: (?P<name>.*); Type: (?P<type>[A-Z ]+); Schema: (?P<schema>.*?); Owner: .*\n--\n",
    re.MULTILINE,
)
_TAIL = re.compile(r"^--\n-- PostgreSQL database dump complete\n.*\Z", re.MULTILINE | re.DOTALL)
_ACCESS_METHOD = re.compile(r"^SET default_table_access_method = (\S+);$", re.MULTILINE)
_SETTING = re.compile(r"^SET default_\w+ = \S+;\n?", re.MULTILINE)
# Whether a trigger or a rule fires is what the configuration's `schema.triggers` says.
_NAME = r'(?:[^;"]|"(?:[^"]|"")*")+?'
_FIRING = re.compile(
    rf"^ALTER (?:FOREIGN )?TABLE {_NAME} "
    rf"(?:DISABLE|ENABLE)(?: ALWAYS| REPLICA)? (?:TRIGGER|RULE) {_NAME};$\n?",
    re.MULTILINE,
)
# Before 16 a query's columns are written with their tables, where it has only one too.
_OLDEST = min(side if isinstance(side, int) else 16 for side in (named("source"), named("target")))
_QUALIFIER = re.compile(r"(?:\b[a-z_]\w*|\"(?:[^\"]|\"\")+\")\.(?=[a-z_\"])")
_MULTIRANGE = re.compile(r",\n    multirange_type_name = [^,\n]*")
_MODE = re.compile(r"\bIN (?=[a-z\"])")
_QUERIES = frozenset({"VIEW", "MATERIALIZED VIEW", "RULE"})
# Names of NOT NULL constraints, which only 18 and newer have.
_NOT_NULL_NAME = re.compile(r"\bCONSTRAINT (?:\w+|\"(?:[^\"]|\"\")+\") NOT NULL")
# `public` has its comment only where initdb has put it; an access method is the server's.
_NOT_OURS = frozenset({"SCHEMA public", "COMMENT SCHEMA public", "ACL SCHEMA public"})

Schema = Mapping[str, str]


def schema_of(
    database: Database, *, firing: bool = False, not_null_names: bool = False, privileges: bool = False
) -> Schema:
    """Every object's definition by its name.

    ``firing``: with whether triggers and rules are enabled; ``not_null_names``: where both sides have them.
    """
    words = ["--schema-only", "--no-owner", "--exclude-schema=adbsync", "--exclude-schema=gp_toolkit"]
    if not privileges:
        words.append("--no-privileges")
    done = subprocess.run(
        [installed(18).path("pg_dump"), *words],
        env={**os.environ, **libpq_environment(database.endpoint)},
        capture_output=True,
        text=True,
        check=True,
    )
    return parsed(done.stdout, firing=firing, not_null_names=not_null_names)


def parsed(dump: str, *, firing: bool = False, not_null_names: bool = False) -> Schema:
    """Cut a plain dump into its objects and normalise each."""
    objects: dict[str, str] = {}
    for name, text in _entries(dump):
        found = text if firing else _FIRING.sub("", text)
        found = found if not_null_names else _NOT_NULL_NAME.sub("NOT NULL", found)
        if name not in _NOT_OURS and not name.startswith(
            ("ACCESS METHOD ", "EXTENSION ", "COMMENT EXTENSION ")
        ):
            objects[name] = f"{objects[name]}\n{found.strip()}" if name in objects else found.strip()
    return objects


def differences(source: Schema, target: Schema, expected: Iterable[str] = ()) -> dict[str, str]:
    """What of the target is not as it is on the source, each object with the lines that differ.

    ``expected`` are regular expressions of objects that may differ.
    """
    allowed = [re.compile(pattern) for pattern in expected]
    found = {}
    for name in sorted(source.keys() | target.keys()):
        here, there = source.get(name, ""), target.get(name, "")
        if here != there and not any(pattern.fullmatch(name) for pattern in allowed):
            lines = unified_diff(here.splitlines(), there.splitlines(), "source", "target", lineterm="", n=1)
            found[name] = "\n".join(lines)
    return found


def _entries(dump: str) -> Iterator[tuple[str, str]]:
    dump = _TAIL.sub("", dump)
    headers = list(HEADER.finditer(dump))
    method = ""
    for place, header in enumerate(headers):
        end = headers[place + 1].start() if place + 1 < len(headers) else len(dump)
        before = dump[headers[place - 1].end() : header.start()] if place else dump[: header.start()]
        if changed := _ACCESS_METHOD.findall(before):
            method = changed[-1]
        text = _SETTING.sub("", dump[header.end() : end]).strip()
        if _OLDEST < 16 and header["type"] in _QUERIES:
            text = _QUALIFIER.sub("", text)
        if _OLDEST < 14 and header["type"] == "TYPE":
            text = _MULTIRANGE.sub("", text)
        if _OLDEST < 14 and header["type"] == "PROCEDURE":
            text = _MODE.sub("", text)
        if header["type"] in {"TABLE", "MATERIALIZED VIEW"} and method not in {"", "heap"}:
            text += f"\n-- access method {method}"
        schema = "" if header["schema"] == "-" else f"{header['schema']}."
        yield f"{header['type']} {schema}{header['name']}", text
