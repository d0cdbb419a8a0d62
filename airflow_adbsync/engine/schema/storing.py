"""Choosing a table's storage engine among those that the target has; pure."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.model import Storage, StorageEngine
from airflow_adbsync.engine.schema.placement import Engines

_HEAP = Storage(StorageEngine.HEAP)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted for a table: said by the configuration about it by name, or by a default."""

    storage: Storage
    by_name: bool = False
    configured: bool = True


@dataclass(frozen=True, slots=True)
class Engine:
    """What a table gets; ``refused`` says why it can't have what it must, ``instead`` why it has heap."""

    storage: Storage | None
    refused: str = ""
    instead: str = ""


def engine_for(wish: Wish | None, engines: Engines, *, has_keys: bool) -> Engine:
    """Grant a wish, or fall back to heap where it was no table's own; a missing engine is refused."""
    if wish is None:
        return Engine(None)
    wanted = wish.storage.engine.value
    if wanted not in engines.present:
        missing = f"the target has no storage engine {wanted} (it has {', '.join(sorted(engines.present))})"
        return Engine(None, refused=missing) if wish.configured else Engine(_HEAP, instead=missing)
    if has_keys and wanted not in engines.keyed:
        keyless = f"{wanted} tables hold no primary or unique key on the target"
        return Engine(None, refused=keyless) if wish.by_name else Engine(_HEAP, instead=keyless)
    return Engine(wish.storage)
