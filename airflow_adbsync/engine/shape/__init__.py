"""What becomes of a table on its way to the target: names, columns, rows. Pure."""

from airflow_adbsync.engine.shape.nouns import ColumnShape, SentShape, TableShape
from airflow_adbsync.engine.shape.shapes import Shapes

__all__ = ["ColumnShape", "SentShape", "Shapes", "TableShape"]
