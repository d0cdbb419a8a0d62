"""Migrate a PostgreSQL-family database into another one and keep it in step, as Airflow tasks."""

__version__ = "0.1.0"
