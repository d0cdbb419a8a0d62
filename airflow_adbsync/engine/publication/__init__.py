"""The publication on the source: found, made, aligned with the sync's tables, dropped."""

from airflow_adbsync.engine.publication.leaves import Leaf, Partitioned, adopt, partitioned
from airflow_adbsync.engine.publication.making import align, create, drop
from airflow_adbsync.engine.publication.noun import Publication, find

__all__ = [
    "Leaf",
    "Partitioned",
    "Publication",
    "adopt",
    "align",
    "create",
    "drop",
    "find",
    "partitioned",
]
