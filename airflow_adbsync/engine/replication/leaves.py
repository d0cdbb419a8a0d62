"""Partitions that the source publishes one by one (before PostgreSQL 13), and what becomes of new ones."""

from __future__ import annotations

from collections.abc import Collection

from airflow_adbsync.engine import publication
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import RelationDrifted
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.publication import Publication


class PublishedLeaves:
    """Leads from leaves to their roots, by oids; there are none where the source publishes whole tables.

    ``tables`` are those of the sync that are loaded.
    """

    def __init__(self, published: Publication | None, tables: Collection[QualifiedName]) -> None:
        self._publication = published.name if published else ""
        self._tables = () if published is None or published.via_root else tuple(tables)
        self.roots: dict[int, QualifiedName] = {}
        self.root_of: dict[int, int] = {}

    def look(self, source: Connection) -> bool:
        """Publish leaves that are new and empty still; tell whether all leaves there are, are published now.

        Raises:
            RelationDrifted: a new one has rows, which were not in the stream.
        """
        if not self._tables:
            return True
        everything = True
        found = publication.partitioned(source, self._publication, self._tables)
        self._tables = tuple(table.name for table in found)
        for table in found:
            self.roots[table.oid] = table.name
            for leaf in table.leaves:
                # Before it is published: the stream may name it a moment later.
                self.root_of[leaf.oid] = table.oid
                if not leaf.is_published:
                    everything &= self._adopt(source, table, leaf)
        return everything

    def _adopt(self, source: Connection, table: publication.Partitioned, leaf: publication.Leaf) -> bool:
        adopted = publication.adopt(source, self._publication, leaf)
        if adopted is False:
            raise RelationDrifted(
                f"Table {table.name} has a new partition {leaf.name}, and rows came into it before it was "
                "published: a source before PostgreSQL 13 publishes partitions one by one. Nothing more was "
                "applied.",
                remedy="Run the start phase, which publishes it, then load the table again (the load phase "
                "does so), then start incremental again. Make partitions a minute before they are filled.",
            )
        return adopted is True
