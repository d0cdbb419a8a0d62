"""The description of one sync."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator

from airflow_adbsync.engine.config.alerts import AlertOptions
from airflow_adbsync.engine.config.complaints import complaint
from airflow_adbsync.engine.config.cutover import CutoverOptions, SequenceOptions
from airflow_adbsync.engine.config.dts import read_job
from airflow_adbsync.engine.config.objects import Objects, TableName
from airflow_adbsync.engine.config.options import (
    IncrementalOptions,
    LoadOptions,
    PrecheckOptions,
    ReplicaIdentityOptions,
    SchemaOptions,
)
from airflow_adbsync.engine.config.placement import DistributionOptions, StorageOptions
from airflow_adbsync.engine.config.section import Section
from airflow_adbsync.engine.config.tables import NameOptions, TableOptions
from airflow_adbsync.engine.config.verify import VerifyOptions
from airflow_adbsync.engine.errors import ConfigError


class SyncConfig(Section):
    """One source database, one target database, and what to carry from one to the other.

    ``source`` and ``target`` name connections (Airflow connection ids). ``sync_id`` names the sync on the
    target and, as ``adbsync_<sync_id>``, its slot and publication on the source.

    Raises:
        ConfigError: a key is unknown or its value can't be used; the message names the key and the remedy.
    """

    sync_id: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    source: Annotated[str, Field(min_length=1)]
    target: Annotated[str, Field(min_length=1)]
    objects: Objects
    names: NameOptions = NameOptions()
    tables: dict[TableName, TableOptions] = Field(default_factory=dict)
    distribution: DistributionOptions = DistributionOptions()
    storage: StorageOptions = StorageOptions()
    precheck: PrecheckOptions = PrecheckOptions()
    replica_identity: ReplicaIdentityOptions = ReplicaIdentityOptions()
    # pydantic's models have a method called schema; users write `schema`, in Python and in YAML.
    schema_options: SchemaOptions = Field(default=SchemaOptions(), alias="schema")
    load: LoadOptions = LoadOptions()
    incremental: IncrementalOptions = IncrementalOptions()
    alerts: AlertOptions = AlertOptions()
    verify: VerifyOptions = VerifyOptions()
    sequences: SequenceOptions = SequenceOptions()
    cutover: CutoverOptions = CutoverOptions()

    @classmethod
    def from_dts(
        cls, db_list: Any, reserve: Any = "", *, sync_id: str, source: str, target: str
    ) -> ImportedJob:
        """Read a job of Alibaba Cloud's DTS: its `DbList` and `Reserve`, as JSON text or as what it holds.

        Raises:
            ConfigError: they can't be read, or describe what can't be.
        """
        job = read_job(db_list, reserve)
        written = {"sync_id": sync_id, "source": source, "target": target, **job.written}
        return ImportedJob(cls.model_validate(written), tuple(job.left_out))

    @model_validator(mode="wrap")
    @classmethod
    def _complain_plainly(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            config = handler(data)
        except ValidationError as error:
            raise complaint(error, cls) from error
        if config.source == config.target:
            raise ConfigError(
                f"`source` and `target` are both {config.source!r}.",
                remedy="Name the connection of another database in `target`.",
            )
        return config


class ImportedJob(NamedTuple):
    """A job of another service as a configuration; ``left_out`` says what of it has no counterpart."""

    config: SyncConfig
    left_out: tuple[str, ...]
