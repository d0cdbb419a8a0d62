"""The plugin that Airflow loads: the pages that a sync has in its UI."""
