"""What the user writes: one `SyncConfig`, in Python or in YAML."""

from airflow_adbsync.engine.config.alerts import AlertOptions
from airflow_adbsync.engine.config.cutover import CutoverOptions, CutoverVerify, FenceKind, SequenceOptions
from airflow_adbsync.engine.config.loading import from_yaml
from airflow_adbsync.engine.config.objects import Objects
from airflow_adbsync.engine.config.options import (
    ApplyOn,
    ConflictRule,
    DdlRule,
    Existing,
    ExistingRows,
    IncrementalOptions,
    LoadOptions,
    Partitions,
    PrecheckOptions,
    ReplicaIdentityOptions,
    SchemaOptions,
    ThrottleOptions,
    TriggerMode,
    TruncateRule,
)
from airflow_adbsync.engine.config.placement import (
    DistributionOptions,
    DistributionRule,
    KeyOutsideDistribution,
    StorageOptions,
    TableStorage,
)
from airflow_adbsync.engine.config.sync import SyncConfig
from airflow_adbsync.engine.config.tables import (
    ColumnOptions,
    ExtraColumn,
    NameCase,
    NameOptions,
    Operation,
    TableOptions,
)
from airflow_adbsync.engine.config.verify import VerifyMode, VerifyOptions

__all__ = [
    "AlertOptions",
    "ApplyOn",
    "ColumnOptions",
    "ConflictRule",
    "CutoverOptions",
    "CutoverVerify",
    "DdlRule",
    "DistributionOptions",
    "DistributionRule",
    "Existing",
    "ExistingRows",
    "ExtraColumn",
    "FenceKind",
    "IncrementalOptions",
    "KeyOutsideDistribution",
    "LoadOptions",
    "NameCase",
    "NameOptions",
    "Objects",
    "Operation",
    "Partitions",
    "PrecheckOptions",
    "ReplicaIdentityOptions",
    "SchemaOptions",
    "SequenceOptions",
    "StorageOptions",
    "SyncConfig",
    "TableOptions",
    "TableStorage",
    "ThrottleOptions",
    "TriggerMode",
    "TruncateRule",
    "VerifyMode",
    "VerifyOptions",
    "from_yaml",
]
