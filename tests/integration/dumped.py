"""What pg_dump says of a database's schema: a second opinion on what the schema phase has made."""

from __future__ import annotations

import os
import re
import subprocess

from airflow_adbsync.local.binaries import installed
from tests.databases import Database, libpq_environment

# The control schema is the sync's own; `public` has its comment only where initdb has put it.
_IGNORED = re.compile(r"SET |SELECT pg_catalog\.set_config|COMMENT ON SCHEMA public|\\(un)?restrict ")


def dumped(database: Database) -> list[str]:
    """Every statement of the schema, in pg_dump's order."""
    done = subprocess.run(
        [installed(18).path("pg_dump"), "--schema-only", "--no-owner", "--no-privileges", "-N", "adbsync"],
        env={**os.environ, **libpq_environment(database.endpoint)},
        capture_output=True,
        text=True,
        check=True,
    )
    blocks = re.split(r"\n{2,}", re.sub(r"^--.*\n?", "", done.stdout, flags=re.MULTILINE))
    return [block.strip() for block in blocks if block.strip() and not _IGNORED.match(block.strip())]
