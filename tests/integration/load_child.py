"""A load task's process, as a worker starts one; it can be killed, and says how much memory it took."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from airflow_adbsync.engine.load import Bin
from airflow_adbsync.engine.sync import Sync

_CHILD = """
import json, resource, sys
from airflow_adbsync.engine.load import Bin, load_bin
from airflow_adbsync.engine.sync import Sync
document = json.loads(sys.stdin.readline())
print("begun", flush=True)
load_bin(Sync.from_json(document["sync"]), Bin.from_json(document["bin"]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def start_load(sync: Sync, bin_: Bin) -> subprocess.Popen[str]:
    """Start the process; its first line says that it begins, its last one its peak of memory in kB."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdin
    child.stdin.write(json.dumps({"sync": sync.to_json(), "bin": bin_.to_json()}) + "\n")
    child.stdin.close()
    child.stdin = None
    assert child.stdout
    assert child.stdout.readline() == "begun\n"
    return child


def end_of(child: subprocess.Popen[str]) -> int:
    """Wait for a process that goes well; return its peak of memory in bytes."""
    said, _ = child.communicate(timeout=600)
    assert child.returncode == 0
    return int(said.split()[-1]) << 10
