"""Airflow connections into engine endpoints."""
