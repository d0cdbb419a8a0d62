"""The catalog queries, which lie in .sql files beside the modules that ask them."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def query(package: str, name: str) -> str:
    """Return the text of ``sql/<name>.sql`` in a package."""
    return resources.files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
