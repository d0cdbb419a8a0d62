"""One operator a file, one phase an operator. Each is safe to retry and to clear at any moment.

DAG files import these modules again and again, so the engine's phases are imported when a task runs.
"""
