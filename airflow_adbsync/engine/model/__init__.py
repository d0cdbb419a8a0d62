"""Frozen nouns of the field; values only, no connection anywhere below."""

from airflow_adbsync.engine.model.endpoint import Endpoint, TlsMode
from airflow_adbsync.engine.model.finding import Finding, Status
from airflow_adbsync.engine.model.lsn import Lsn
from airflow_adbsync.engine.model.names import LONGEST_NAME, QualifiedName, quote_identifier
from airflow_adbsync.engine.model.placement import (
    RANDOMLY,
    REPLICATED,
    Distribution,
    DistributionPolicy,
    Storage,
    StorageEngine,
    distributed_by,
)
from airflow_adbsync.engine.model.relation import Column, Key, Relation, RelationKind
from airflow_adbsync.engine.model.replica_identity import ReplicaIdentity
from airflow_adbsync.engine.model.server import Family, Server
from airflow_adbsync.engine.model.snapshot import Snapshot

__all__ = [
    "LONGEST_NAME",
    "RANDOMLY",
    "REPLICATED",
    "Column",
    "Distribution",
    "DistributionPolicy",
    "Endpoint",
    "Family",
    "Finding",
    "Key",
    "Lsn",
    "QualifiedName",
    "Relation",
    "RelationKind",
    "ReplicaIdentity",
    "Server",
    "Snapshot",
    "Status",
    "Storage",
    "StorageEngine",
    "TlsMode",
    "distributed_by",
    "quote_identifier",
]
