"""The demo: a live shop database is moved to another server by Airflow, and kept in step, in one terminal."""
