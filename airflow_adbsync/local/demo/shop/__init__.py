"""The shop: its schema and rows, and the customers who keep it busy."""

from airflow_adbsync.local.demo.shop.filling import make_shop
from airflow_adbsync.local.demo.shop.tally import Report
from airflow_adbsync.local.demo.shop.writer_process import WriterProcess

__all__ = ["Report", "WriterProcess", "make_shop"]
