"""What OpenLineage is told: which table came from which, and each column from which.

The OpenLineage provider is optional: where it is not installed, nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_adbsync.engine.model import Endpoint, QualifiedName
    from airflow_adbsync.engine.shape import TableShape
    from airflow_adbsync.engine.sync import Sync


def lineage(sync: Sync, names: Iterable[QualifiedName]) -> Any:
    """An `OperatorLineage` of these tables (by their names on the source), or None without the provider."""
    try:
        extractors = import_module("airflow.providers.openlineage.extractors")
    except ImportError:
        return None
    shapes = _shapes(sync, sorted(names))
    return extractors.OperatorLineage(
        inputs=[_dataset(sync.source, shape.source) for shape in shapes],
        outputs=[
            _dataset(sync.target, shape.target, {"columnLineage": _columns(sync.source, shape)})
            for shape in shapes
        ],
    )


def _shapes(sync: Sync, names: list[QualifiedName]) -> list[TableShape]:
    from airflow_adbsync.engine.catalog import read_relations_named  # noqa: PLC0415 - talks to a server
    from airflow_adbsync.engine.connect import connect, typed_errors  # noqa: PLC0415 - likewise
    from airflow_adbsync.engine.shape import Shapes  # noqa: PLC0415

    with connect(sync.source) as conn, typed_errors(sync.source, "reading columns for OpenLineage"):
        relations = read_relations_named(conn, names)
    shapes = Shapes(sync.config)
    return [shapes.of(relation) for relation in relations]


def _dataset(endpoint: Endpoint, name: QualifiedName, facets: dict[str, Any] | None = None) -> Any:
    from airflow.providers.common.compat.openlineage.facet import Dataset  # noqa: PLC0415 - optional

    return Dataset(namespace=_namespace(endpoint), name=_name(endpoint, name), facets=facets or {})


def _columns(source: Endpoint, shape: TableShape) -> Any:
    from airflow.providers.common.compat.openlineage.facet import (  # noqa: PLC0415 - optional
        ColumnLineageDatasetFacet,
        Fields,
        InputField,
    )

    namespace, name = _namespace(source), _name(source, shape.source)
    return ColumnLineageDatasetFacet(
        fields={
            column.name: Fields(
                inputFields=[InputField(namespace=namespace, name=name, field=column.source)],
                transformationType="IDENTITY" if column.value is None else "TRANSFORMED",
                transformationDescription=column.value or "",
            )
            for column in shape.columns
            if column.source is not None
        }
    )


def _namespace(endpoint: Endpoint) -> str:
    return f"postgres://{endpoint.host}:{endpoint.port}"


def _name(endpoint: Endpoint, name: QualifiedName) -> str:
    return f"{endpoint.database}.{name.schema}.{name.name}"
