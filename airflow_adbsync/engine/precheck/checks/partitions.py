"""What is done to single partitions is not carried (PostgreSQL doc: CREATE PUBLICATION)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.config import Operation
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import Finding, QualifiedName, RelationKind
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted, listed

NAME = "partitions"


def assess(partitioned: Sequence[QualifiedName], *, via_root: bool = True) -> Finding:
    """``partitioned`` tables whose deletes are carried; before 13 they are published leaf by leaf."""
    if not partitioned:
        return passed(NAME, "No selected table is partitioned, with deletes carried.", subject="source")
    if not via_root:
        return alert(
            NAME,
            f"{counted(len(partitioned), 'partitioned table')}: {listed(partitioned)}. The source publishes "
            "partitions one by one: a new one is published within seconds, while the sync replicates, if no "
            "row came into it before; else replication stops until the table is loaded again. TRUNCATE of a "
            "single partition stops it too; after DROP or DETACH of one both sides differ.",
            "Make partitions a minute before they are filled. While the sync runs, use DELETE, or TRUNCATE "
            "the root; or load the table again.",
            subject="source",
        )
    return alert(
        NAME,
        f"{counted(len(partitioned), 'partitioned table')}: {listed(partitioned)}. The source publishes rows "
        "by the root's name, and not what is done to a partition as a whole: after TRUNCATE, DROP, DETACH or "
        "ATTACH of a single partition both sides differ.",
        "While the sync runs, use DELETE, or TRUNCATE the root; else do the same on the target by hand, or "
        "load the table again.",
        subject="source",
    )


def _look(context: Context) -> Iterator[Finding]:
    via_root = capabilities(context.source.server).publish_via_root
    yield assess(
        [
            relation.name
            for relation, shape in zip(context.relations, context.shapes, strict=True)
            if relation.kind is RelationKind.PARTITIONED
            and (Operation.DELETE in shape.operations or not via_root)
        ],
        via_root=via_root,
    )


CHECK = Check(NAME, _look)
