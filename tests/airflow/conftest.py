"""An Airflow of one's own: a home in a temporary directory, SQLite, and DAGs run by ``dag.test()``."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airflow_adbsync.engine.model import Endpoint
from tests.databases import Database

REPOSITORY = Path(__file__).resolve().parents[2]
DAGS = REPOSITORY / "dags"
HOME = Path(tempfile.mkdtemp(prefix="adbsync-airflow-"))
MADE_HERE = HOME / "made_here"


def settings(home: Path, dags: Path) -> dict[str, str]:
    """An Airflow that keeps to itself, as environment variables."""
    bundle = "airflow.dag_processing.bundles.local.LocalDagBundle"
    bundles = [
        {"name": "dags", "classpath": bundle, "kwargs": {"path": str(dags), "refresh_interval": 3600}},
        {"name": "made_here", "classpath": bundle, "kwargs": {"path": str(home / "made_here")}},
    ]
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


# Airflow reads these when it is first imported, which is when the tests beside this file are collected.
MADE_HERE.mkdir()
os.environ.update(settings(HOME, DAGS))


def pytest_unconfigure() -> None:
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Airflow's metadata, made anew."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager  # noqa: PLC0415 - see above
    from airflow.utils.db import initdb  # noqa: PLC0415

    initdb()
    DagBundlesManager().sync_bundles_to_db()


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Define a connection for one test: ``connection("shop_source", endpoint)``."""

    def define(conn_id: str, endpoint: Endpoint, conn_type: str = "adbsync") -> str:
        document = connection_document(endpoint, conn_type)
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(document))
        return conn_id

    return define


def connection_document(endpoint: Endpoint, conn_type: str = "adbsync") -> dict[str, object]:
    """A connection as Airflow reads it from an environment variable."""
    extra = {
        "sslmode": endpoint.tls_mode,
        "sslrootcert": endpoint.tls_root_cert,
        "sslcert": endpoint.tls_cert,
        "sslkey": endpoint.tls_key,
        "application_name": endpoint.application_name if endpoint.application_name != "adbsync" else None,
    }
    return {
        "conn_type": conn_type,
        "host": endpoint.host,
        "port": endpoint.port,
        "schema": endpoint.database,
        "login": endpoint.user,
        "password": endpoint.password,
        "extra": {name: value for name, value in extra.items() if value},
    }


@pytest.fixture
def pair(
    connection: Callable[..., str], source_db: Database, target_db: Database
) -> Iterator[tuple[Database, Database]]:
    """Two databases, named by the connections ``the_source`` and ``the_target``."""
    connection("the_source", source_db.endpoint)
    connection("the_target", target_db.endpoint)
    return source_db, target_db
