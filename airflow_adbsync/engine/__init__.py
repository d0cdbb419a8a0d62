"""The engine: it knows PostgreSQL and no Airflow, and runs in a plain Python process."""
