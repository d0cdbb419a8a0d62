"""What Airflow reads of this provider, without importing the rest of it."""

from __future__ import annotations

from typing import Any

_NAME = "adbsync"
_OPERATORS = (
    "precheck",
    "replica_identity",
    "start",
    "stop",
    "schema",
    "plan_load",
    "full_load",
    "finish_schema",
    "incremental",
    "verify",
    "sequences",
    "activate",
    "cutover",
    "fence",
    "drain",
    "reverse",
    "take_over",
    "validate",
    "abort",
    "release",
)
_SENSORS = (
    "precheck",
    "relation_loaded",
    "replicated_up_to",
    "sequences_moved",
    "slot_health",
    "slot_lag",
)
_TRIGGERS = (
    "backlog",
    "relation_changed",
    "relation_loaded",
    "replicated_up_to",
    "replication",
    "sequences_moved",
    "slot_health",
    "slot_lag",
)


def get_provider_info() -> dict[str, Any]:
    """Answer to the entry point ``apache_airflow_provider``.

    Its shape is fixed by ``airflow/provider_info.schema.json`` and, for ``connection-types``, by
    ``airflow/provider.yaml.schema.json``; an optional key that has no value is left out.
    """
    return {
        "package-name": "airflow-provider-adbsync",
        "name": _NAME,
        "description": "Migrates a PostgreSQL-family database into another one and keeps it in step.",
        "integrations": [
            {
                "integration-name": _NAME,
                "external-doc-url": "https://www.postgresql.org/docs/current/logical-replication.html",
                "tags": ["software"],
            }
        ],
        "operators": [_modules("operators", _OPERATORS)],
        "sensors": [_modules("sensors", _SENSORS)],
        "triggers": [_modules("triggers", _TRIGGERS)],
        "hooks": [_modules("hooks", ("adbsync",))],
        "connection-types": [_connection_type()],
        "extra-links": ["airflow_adbsync.links.SyncLink", "airflow_adbsync.links.SlotLink"],
        "asset-uris": [
            {
                "schemes": ["adbsync"],
                "handler": "airflow_adbsync.assets.sanitize_uri",
                "factory": "airflow_adbsync.assets.create_asset",
                "to_openlineage_converter": "airflow_adbsync.assets.convert_asset_to_openlineage",
            }
        ],
    }


def _modules(package: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "integration-name": _NAME,
        "python-modules": [f"airflow_adbsync.{package}.{name}" for name in names],
    }


def _connection_type() -> dict[str, Any]:
    return {
        "connection-type": "adbsync",
        "hook-class-name": "airflow_adbsync.hooks.adbsync.AdbsyncHook",
        "hook-name": "adbsync (PostgreSQL family)",
        "ui-field-behaviour": {
            "hidden-fields": ["extra"],
            "relabeling": {"schema": "Database", "login": "User"},
            "placeholders": {"host": "db.example.com", "port": "5432", "schema": "shop"},
        },
        "conn-fields": {
            "sslmode": {
                "label": "TLS mode",
                "description": "libpq's sslmode; verify-full also checks the server's name.",
                "schema": {
                    "type": ["string", "null"],
                    "enum": ["disable", "allow", "prefer", "require", "verify-ca", "verify-full", None],
                },
            },
            "sslrootcert": _path("TLS root certificate", "File with trusted authorities."),
            "sslcert": _path("TLS client certificate", "File with the client's certificate."),
            "sslkey": _path("TLS client key", "File with the client's key, readable to Airflow alone."),
            "application_name": {
                "label": "Application name",
                "description": "Shown in pg_stat_activity; adbsync if empty.",
                "schema": {"type": ["string", "null"]},
            },
        },
    }


def _path(label: str, description: str) -> dict[str, Any]:
    return {"label": label, "description": description, "schema": {"type": ["string", "null"]}}
