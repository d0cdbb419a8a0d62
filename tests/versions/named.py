"""Which servers the environment names for the tests: by a libpq URI, or by a major version."""

from __future__ import annotations

import os
from typing import Final, Literal

SOURCE_VARIABLE: Final = "ADBSYNC_TEST_SOURCE"
TARGET_VARIABLE: Final = "ADBSYNC_TEST_TARGET"

Role = Literal["source", "target"]
VARIABLES: Final[dict[Role, str]] = {"source": SOURCE_VARIABLE, "target": TARGET_VARIABLE}
DEFAULTS: Final[dict[Role, int]] = {"source": 16, "target": 18}


def named(role: Role) -> int | str:
    """A major version to be started here, or the URI of a server that runs already."""
    words = os.environ.get(VARIABLES[role], "")
    return int(words) if words.isdecimal() else words or DEFAULTS[role]


def version_to_start(role: Role) -> int:
    """The version of servers that a test may crash, which one named by a URI is not."""
    found = named(role)
    return found if isinstance(found, int) else DEFAULTS[role]
