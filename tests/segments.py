"""What tests need to know of a target that spreads rows over segments."""

from __future__ import annotations

import os
import re

from airflow_adbsync.engine.catalog import read_server
from airflow_adbsync.engine.dialect import capabilities
from tests.databases import Database
from tests.versions import TARGET_VARIABLE

_TABLE = re.compile(r"CREATE TABLE (\S+) [^;]*?PRIMARY KEY[^;]*?(?=\s*(;|$))")
_STATEMENT_TRIGGER = re.compile(r"CREATE TRIGGER [^;]*FOR EACH STATEMENT[^;]*;")


def is_distributed(target: Database) -> bool:
    """Tell whether it is a server of the Greenplum family, which only the environment can name."""
    if TARGET_VARIABLE not in os.environ:
        return False
    with target.connect() as conn:
        return capabilities(read_server(conn)).distributed


def as_made_there(target: Database, tables: str) -> str:
    """The same statements as the target takes them: on segments a table is replicated that has a second
    key or an exclusion, or one of a type that can't be hashed, and there are no triggers of statements.
    """
    if not is_distributed(target):
        return tables

    def replicated(found: re.Match[str]) -> str:
        index = re.search(rf"CREATE UNIQUE INDEX [^;]*\bON {re.escape(found[1])}\b", tables)
        pairs = "|".join(re.findall(r"CREATE TYPE (\w+) AS \(", tables)) or "$^"
        second = index or re.search(rf"\b(?:UNIQUE|EXCLUDE)\b|\b({pairs}) PRIMARY KEY", found[0])
        return f"{found[0]} DISTRIBUTED REPLICATED" if second else found[0]

    return _TABLE.sub(replicated, _STATEMENT_TRIGGER.sub("", tables))
