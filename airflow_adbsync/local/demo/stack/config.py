"""What Airflow is told: the text of its configuration file. Values only."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from airflow_adbsync.engine.model import Endpoint

USER = "admin"


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True, slots=True)
class AirflowSettings:
    """One Airflow in one directory; its secrets are new each time."""

    home: Path
    dags: Path
    metadata: Endpoint
    port: int
    unused_port: int
    parallelism: int = 4
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    fernet_key: str = field(default_factory=_fernet_key, repr=False)
    jwt_secret: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)
    api_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def url(self) -> str:
        """Where the UI and the REST API are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def password_file(self) -> Path:
        """Where SimpleAuthManager looks its users' passwords up."""
        return self.home / "passwords.json"

    @property
    def config_file(self) -> Path:
        """Where Airflow looks for its configuration."""
        return self.home / "airflow.cfg"

    def config_text(self) -> str:
        """The configuration file; it holds secrets, so only its owner may read it."""
        return "\n".join(_section(name, options) for name, options in self._sections().items())

    def _sections(self) -> dict[str, dict[str, str]]:
        return {
            "core": {
                "executor": "LocalExecutor",
                "parallelism": str(self.parallelism),
                "dags_folder": str(self.dags),
                "load_examples": "False",
                "dags_are_paused_at_creation": "True",
                "fernet_key": self.fernet_key,
                "simple_auth_manager_users": f"{USER}:admin",
                "simple_auth_manager_passwords_file": str(self.password_file),
                "hostname_callable": "socket.gethostname",
            },
            "database": {
                "sql_alchemy_conn": _url("postgresql+psycopg2", self.metadata),
                "sql_alchemy_conn_async": _url("postgresql+asyncpg", self.metadata),
                "load_default_connections": "False",
            },
            "api": {
                "host": "127.0.0.1",
                "port": str(self.port),
                "base_url": self.url,
                "workers": "1",
                "secret_key": self.api_secret,
            },
            "api_auth": {"jwt_secret": self.jwt_secret},
            # The files are parsed once, at the start: two cores have better things to do.
            "dag_processor": {
                "parsing_processes": "1",
                "min_file_process_interval": "600",
                "refresh_interval": "600",
            },
            "scheduler": {"enable_health_check": "False"},
            # No log servers run: the logs are local files. On the usual port somebody else may listen.
            "logging": {
                "base_log_folder": str(self.home / "logs"),
                "worker_log_server_port": str(self.unused_port),
                "trigger_log_server_port": str(self.unused_port),
            },
            "usage_data_collection": {"enabled": "False"},
        }


def component_environment(surroundings: Mapping[str, str], home: Path) -> dict[str, str]:
    """The environment of Airflow's processes: nothing of ours that could change what the file says.

    Requests to 127.0.0.1 must not go through a proxy.
    """
    kept = {
        name: value
        for name, value in surroundings.items()
        if not name.startswith(("AIRFLOW_", "_AIRFLOW", "PG")) and name not in {"PYTHONSTARTUP"}
    }
    bypass = ",".join(filter(None, [kept.get("NO_PROXY") or kept.get("no_proxy"), "127.0.0.1", "localhost"]))
    return {
        **kept,
        "AIRFLOW_HOME": str(home),
        "NO_PROXY": bypass,
        "no_proxy": bypass,
        "PYTHONUNBUFFERED": "1",
    }


def _url(driver: str, endpoint: Endpoint) -> str:
    login = f"{quote(endpoint.user, safe='')}:{quote(endpoint.password or '', safe='')}"
    return f"{driver}://{login}@{endpoint.host}:{endpoint.port}/{quote(endpoint.database, safe='')}"


def _section(name: str, options: Mapping[str, str]) -> str:
    # The file's own interpolation gives a lone percent sign another meaning.
    lines = (f"{option} = {value.replace('%', '%%')}\n" for option, value in options.items())
    return f"[{name}]\n{''.join(lines)}"
