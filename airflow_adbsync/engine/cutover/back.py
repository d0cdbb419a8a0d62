"""The configuration of the way back: the same tables as they stand, from the target to the source; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_adbsync.engine.config import ColumnOptions, Operation, SyncConfig, TableOptions
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.shape import TableShape

_SUFFIX = "_back"
_LONGEST_ID = 40


def back_id(sync_id: str) -> str:
    """The name of the sync that carries a sync's tables back."""
    return sync_id[: _LONGEST_ID - len(_SUFFIX)] + _SUFFIX


def turned(config: SyncConfig, shapes: Iterable[TableShape], *, filtered: bool) -> SyncConfig:
    """Turn a sync round; ``filtered``: the old target can keep what came from us out of its stream.

    Raises:
        ConfigError: a table's rows are not the same on both sides, names aside.
    """
    every = tuple(shapes)
    for shape in every:
        _refuse_changed(shape)
    tables = {str(shape.target): options for shape in every if (options := _options(shape))}
    document: dict[str, Any] = {
        **config.model_dump(include={"precheck", "replica_identity", "load", "alerts", "sequences"}),
        "sync_id": back_id(config.sync_id),
        "source": config.target,
        "target": config.source,
        "objects": {"tables": tuple(str(shape.target) for shape in every)},
        "names": {"schemas": {shape.target.schema: shape.source.schema for shape in every if _moved(shape)}},
        "tables": tables,
        "incremental": config.incremental.model_copy(update={"both_ways": filtered}),
        "verify": config.verify.model_copy(update={"tables": (), "repair": False}),
        "cutover": config.cutover.model_copy(update={"reverse": False}),
    }
    return SyncConfig.model_validate(document)


def _options(shape: TableShape) -> TableOptions | None:
    columns = {
        column.name: ColumnOptions(name=column.source)
        for column in shape.columns
        if column.source and column.source != column.name
    }
    name = str(shape.source) if shape.source != shape.target else None
    return TableOptions(name=name, columns=columns) if name or columns else None


def _moved(shape: TableShape) -> bool:
    return shape.source.schema != shape.target.schema


def _refuse_changed(shape: TableShape) -> None:
    reasons = {
        "filters rows (`where`)": shape.where is not None,
        "leaves columns out": bool(shape.omitted),
        "has columns that only the target has (`extra`)": any(each.source is None for each in shape.columns),
        "gives columns other types or values": any(each.type or each.value for each in shape.columns),
        "has another primary key on the target": shape.primary_key is not None,
        "does not carry every operation": shape.operations != frozenset(Operation),
    }
    if found := [reason for reason, is_so in reasons.items() if is_so]:
        raise ConfigError(
            f"There is no way back for table {shape.source}: the sync {found[0]}. Nothing was changed.",
            remedy="Say `cutover: {reverse: false}`; names may differ, rows may not.",
        )
