"""What of the selection is not carried, or will not be on the target what it was."""

from __future__ import annotations

from airflow_adbsync.engine.catalog import empty_search_path, query
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.schema.drawing import Carried, choose
from airflow_adbsync.engine.schema.findings import Beside, Surroundings, Wishes, assess, refused
from airflow_adbsync.engine.schema.flattening import Part
from airflow_adbsync.engine.schema.identity import ObjectId
from airflow_adbsync.engine.schema.surveying import survey
from airflow_adbsync.engine.schema.target import Target


def unsupported(source: Connection, target: Connection, config: SyncConfig) -> tuple[Finding, ...]:
    """Say what will be missing on the target, or be otherwise there, and what to do about it.

    Names and shapes that can't be are a finding too.

    Raises:
        ConfigError: the selection can't be read.
    """
    there = survey(target)
    with empty_search_path(source):
        try:
            carried = choose(source, config, there)
        except ConfigError as error:
            return (refused(error),)
        return _assessed(source, config, there, carried)


def _assessed(source: Connection, config: SyncConfig, there: Target, carried: Carried) -> tuple[Finding, ...]:
    beside = [Beside(*row) for row in source.execute(query(__package__, "beside")).fetchall()]
    uses = [
        (extension, ObjectId(catalog, oid))
        for extension, schema, catalog, oid in source.execute(query(__package__, "extension_uses")).fetchall()
        if (extension, schema) not in there.extensions
    ]
    parts = [Part(*row) for row in source.execute(query(__package__, "partition_parts")).fetchall()]
    large_objects = bool(source.execute(query(__package__, "large_objects")).fetchall()[0][0])
    surroundings = Surroundings(
        tuple(beside), tuple(uses), tuple(parts), carried.parts_left_out, large_objects=large_objects
    )
    wishes = Wishes(config.objects, there, config.schema_options)
    return assess(carried.inventory, carried.chosen, surroundings, wishes)
