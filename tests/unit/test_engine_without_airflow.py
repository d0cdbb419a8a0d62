"""The engine imports and works where Airflow is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_WITHOUT_AIRFLOW = '''
import importlib, importlib.abc, pkgutil, sys

class NoAirflow(importlib.abc.MetaPathFinder):
    """Stands before all other finders and finds that there is no Airflow."""
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "airflow":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None

sys.meta_path.insert(0, NoAirflow())
'''

_IMPORT_ALL = (
    _WITHOUT_AIRFLOW
    + """
import airflow_adbsync.engine as engine
names = [module.name for module in pkgutil.walk_packages(engine.__path__, "airflow_adbsync.engine.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
assert not [name for name in sys.modules if name.partition(".")[0] == "airflow"]
print(len(names))
"""
)

_WORK = (
    _WITHOUT_AIRFLOW
    + """
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.model import Endpoint, Lsn
from airflow_adbsync.engine.sync import Sync

config = SyncConfig.model_validate({
    "sync_id": "shop", "source": "shop_source", "target": "shop_target", "objects": {"schemas": ["public"]},
})
here = Endpoint(host="127.0.0.1", database="here", user="u", password="p")
there = Endpoint(host="127.0.0.1", database="there", user="u", password="p")
print(Sync(config, here, there).slot_name)
"""
)


def _run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_block_blocks() -> None:
    done = _run(_WITHOUT_AIRFLOW + "import airflow.sdk")
    assert "No module named 'airflow'" in done.stderr


def test_every_module_of_the_engine_imports() -> None:
    done = _run(_IMPORT_ALL)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20


def test_the_engine_works() -> None:
    done = _run(_WORK)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "adbsync_shop"


@pytest.mark.parametrize("module", ["airflow_adbsync", "airflow_adbsync.engine", "airflow_adbsync.local"])
def test_importing_it_does_not_import_airflow(module: str) -> None:
    done = _run(f"import sys, {module}; sys.exit('airflow' in sys.modules)")
    assert done.returncode == 0, done.stderr
