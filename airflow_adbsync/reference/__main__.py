"""Write the pages into the folder that is named."""

from __future__ import annotations

import sys
from pathlib import Path

from airflow_adbsync.reference import classes, failures


def pages() -> dict[str, str]:
    """Each page by its path in the folder."""
    return {**classes.pages(), "troubleshooting.md": failures.page()}


if __name__ == "__main__":
    for name, text in pages().items():
        path = Path(sys.argv[1], name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
