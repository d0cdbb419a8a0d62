"""Pages of the docs that are made from docstrings.

``python -m airflow_adbsync.reference docs`` writes them anew.
"""
