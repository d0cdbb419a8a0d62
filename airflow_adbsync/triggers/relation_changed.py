"""The trigger behind an AssetWatcher: a table of the target has changed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.hooks.sync import ConfigLike, config_document, dag_file
from airflow_adbsync.triggers.base import AdbsyncTrigger, import_engine
from airflow_adbsync.triggers.debounce import Debounce

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync
    from airflow_adbsync.engine.watch import RelationPosition

Position = dict[str, Any]

_SAY_EVERY = 60.0
# An event is in Airflow's database within a second or two; only then the position counts as reported.
_DELIVERED_AFTER = 3.0


class RelationChangedTrigger(AdbsyncTrigger, BaseEventTrigger):
    """Fires again and again: each time when a table was loaded, or replication has changed it.

    Changes are gathered until none has come for ``debounce`` seconds, or for ``longest`` seconds. The
    position up to which it has told is kept in the asset's state store, so a triggerer that starts anew goes
    on from there; at its very first start it tells of changes from then on. A triggerer that is killed
    within the seconds in which an event is being stored may tell of the same position twice.

    The event holds ``relation``, ``rows`` (touched since the last one; None after a load), ``lsn`` (the end
    of the last commit that changed it), ``applied_lsn`` (up to where the target holds everything) and
    ``load`` (how often it was loaded). It never ends: while a server is away, or no sync is there, it says
    so in the log once a minute.

    :param config: the sync, as for the operators.
    :param relation: the table as the source names it.
    :param debounce: seconds without a change after which changes are told.
    :param longest: seconds after the first change at which they are told in any case.
    :param poke_interval: seconds between two looks.
    """

    stored = ("relation", "debounce", "longest", "poke_interval")

    def __init__(
        self,
        *,
        config: ConfigLike,
        relation: str,
        source_conn_id: str | None = None,
        target_conn_id: str | None = None,
        debounce: float = 10.0,
        longest: float = 300.0,
        poke_interval: float = 5.0,
    ) -> None:
        document = config_document(config, dag_file(1).parent)
        super().__init__(config=document, source_conn_id=source_conn_id, target_conn_id=target_conn_id)
        self.relation = str(QualifiedName.parse(relation))
        self.debounce = debounce
        self.longest = longest
        self.poke_interval = poke_interval
        self._spoke_at = float("-inf")

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Fire for as long as it is watched."""
        await import_engine("airflow_adbsync.engine.watch")
        while True:
            try:
                sync = await self.open_sync()
                async for event in self._changes(sync):
                    yield event
            except AdbsyncError as error:
                self._say(error)
            await asyncio.sleep(self.poke_interval)

    async def _changes(self, sync: Sync) -> AsyncIterator[TriggerEvent]:
        from airflow_adbsync.engine.watch import RelationWatch

        name = QualifiedName.parse(self.relation)
        loop = asyncio.get_running_loop()
        async with RelationWatch(sync, max_age=min(1.0, self.poke_interval / 2)) as relations:
            (seen,) = await relations.look([name])
            told = await self._told(seen)
            debounce = Debounce(told, quiet=self.debounce, longest=self.longest)
            while True:
                position = _position(seen)
                if debounce.look(position, loop.time()):
                    yield _event(seen, told)
                    await self._delivered(position)
                    told = position
                await asyncio.sleep(self.poke_interval)
                (seen,) = await relations.look([name])

    async def _told(self, seen: RelationPosition) -> Position:
        """Up to where was told; from here on at the very first start."""
        store = self.asset_state_store
        found = await store.aget(self._key) if store is not None else None
        if isinstance(found, Mapping):
            return dict(found)
        position = _position(seen)
        await self._keep(position)
        return position

    async def _delivered(self, position: Position) -> None:
        """Keep a position once its event is stored; if this ends before, now is the last chance."""
        try:
            await asyncio.sleep(_DELIVERED_AFTER)
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._keep(position), 5.0)

    async def _keep(self, position: Position) -> None:
        if self.asset_state_store is not None:
            await self.asset_state_store.aset(self._key, position)

    @property
    def _key(self) -> str:
        return f"adbsync.{self.config['sync_id']}.{self.relation}"

    def _say(self, error: AdbsyncError) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._spoke_at >= _SAY_EVERY:
            self._spoke_at = now
            self.log.warning("%s is not watched at present: %s", self.relation, error)


def _position(seen: RelationPosition) -> Position:
    return {
        "load": seen.generation,
        "lsn": str(seen.changed_lsn) if seen.changed_lsn is not None else None,
        "rows": seen.changed_rows,
    }


def _event(seen: RelationPosition, told: Position) -> TriggerEvent:
    position = _position(seen)
    same_load = position["load"] == told.get("load")
    return TriggerEvent(  # type: ignore[no-untyped-call]
        {
            "relation": str(seen.name),
            "load": position["load"],
            "lsn": position["lsn"],
            "applied_lsn": str(seen.applied),
            "rows": position["rows"] - told.get("rows", 0) if same_load else None,
        }
    )
