"""What the demo tells Airflow."""

import configparser
from pathlib import Path

from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.local.demo.stack.config import AirflowSettings, component_environment


def settings() -> AirflowSettings:
    metadata = Endpoint(host="127.0.0.1", port=1234, database="air flow", user="u", password="p%/@:word")
    return AirflowSettings(home=Path("/h"), dags=Path("/d"), metadata=metadata, port=8081, unused_port=9)


def test_the_file_reads_back_with_the_interpolation_that_airflow_uses() -> None:
    parser = configparser.ConfigParser()
    parser.read_string(settings().config_text())
    url = "postgresql+psycopg2://u:p%25%2F%40%3Aword@127.0.0.1:1234/air%20flow"
    assert parser["database"]["sql_alchemy_conn"] == url
    assert parser["api"]["base_url"] == "http://127.0.0.1:8081"
    assert parser["core"]["dags_folder"] == "/d"


def test_secrets_are_new_each_time_and_do_not_show() -> None:
    one, other = settings(), settings()
    for name in ("password", "fernet_key", "jwt_secret", "api_secret"):
        assert getattr(one, name) != getattr(other, name)
        assert getattr(one, name) not in repr(one)
    assert "p%/@:word" not in repr(one)


def test_the_surroundings_change_nothing() -> None:
    given = {
        "PATH": "/bin",
        "AIRFLOW_HOME": "/mine",
        "AIRFLOW__CORE__FERNET_KEY": "x",
        "PGPASSWORD": "secret",
        "no_proxy": "example.org",
    }
    environment = component_environment(given, Path("/h"))
    assert environment == {
        "PATH": "/bin",
        "AIRFLOW_HOME": "/h",
        "NO_PROXY": "example.org,127.0.0.1,localhost",
        "no_proxy": "example.org,127.0.0.1,localhost",
        "PYTHONUNBUFFERED": "1",
    }
