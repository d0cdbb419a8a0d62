"""What of the selection is not carried, or will not be on the target what it was."""

from __future__ import annotations

from airflow_adbsync.engine.catalog import empty_search_path, query, read_relations
from airflow_adbsync.engine.config import Objects, SchemaOptions
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.schema.belonging import belonging, omitted
from airflow_adbsync.engine.schema.findings import Beside, Surroundings, Wishes, assess
from airflow_adbsync.engine.schema.flattening import Part, flattens
from airflow_adbsync.engine.schema.identity import ObjectId
from airflow_adbsync.engine.schema.reading import read_inventory
from airflow_adbsync.engine.schema.surveying import survey


def unsupported(
    source: Connection, target: Connection, objects: Objects, options: SchemaOptions | None = None
) -> tuple[Finding, ...]:
    """Say what will be missing on the target, or be otherwise there, and what to do about it.

    Raises:
        ConfigError: the selection can't be read.
    """
    options, there = options or SchemaOptions(), survey(target)
    tables = frozenset(relation.name for relation in read_relations(source, objects))
    with empty_search_path(source):
        inventory = read_inventory(source)
        beside = [Beside(*row) for row in source.execute(query(__package__, "beside")).fetchall()]
        uses = [
            (extension, ObjectId(catalog, oid))
            for extension, schema, catalog, oid in source.execute(
                query(__package__, "extension_uses")
            ).fetchall()
            if (extension, schema) not in there.extensions
        ]
        parts = [Part(*row) for row in source.execute(query(__package__, "partition_parts")).fetchall()]
        large_objects = bool(source.execute(query(__package__, "large_objects")).fetchall()[0][0])
    flat = flattens(options, there.can)
    chosen = belonging(inventory, tables, objects.schemas, there, omitted(options), flat=flat)
    surroundings = Surroundings(tuple(beside), tuple(uses), tuple(parts), large_objects=large_objects)
    return assess(inventory, chosen, surroundings, Wishes(objects, there, options))
