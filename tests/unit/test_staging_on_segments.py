"""Staging tables on a server that spreads rows over segments: beside the rows that they are for."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.model import (
    RANDOMLY,
    REPLICATED,
    Distribution,
    QualifiedName,
    Relation,
    RelationKind,
    ReplicaIdentity,
    distributed_by,
)
from airflow_adbsync.engine.replication.encoding import encode_keyed, take_census
from airflow_adbsync.engine.replication.messages import (
    UNCHANGED,
    Insert,
    RelationColumn,
    RelationMessage,
    Update,
)
from airflow_adbsync.engine.replication.net_change import KeyedChanges
from airflow_adbsync.engine.replication.staging import StagedColumn, Staging
from airflow_adbsync.engine.replication.target_table import TargetColumn, TargetTable
from airflow_adbsync.engine.shape import ColumnShape, SentShape

T = QualifiedName("public", "t")
COLUMNS = (StagedColumn("a"), StagedColumn("b"), StagedColumn("n"))


def staging(key: tuple[int, ...], distribution: Distribution | None) -> Staging:
    return Staging("stage_0", T, "ONLY ", COLUMNS, key, distribution)


@pytest.mark.parametrize(
    ("key", "distribution", "end"),
    [
        ((0, 1), distributed_by("b"), ' DISTRIBUTED BY ("k1")'),
        ((1, 0), distributed_by("a", "b"), ' DISTRIBUTED BY ("k1", "k0")'),
        ((0,), distributed_by("b"), " DISTRIBUTED RANDOMLY"),
        ((), distributed_by("n", "a"), ' DISTRIBUTED BY ("c2", "c0")'),
        ((0,), RANDOMLY, " DISTRIBUTED RANDOMLY"),
        ((0,), REPLICATED, " DISTRIBUTED REPLICATED"),
        ((0,), None, ""),
    ],
)
def test_staged_rows_lie_where_the_tables_rows_lie(
    key: tuple[int, ...], distribution: Distribution | None, end: str
) -> None:
    assert staging(key, distribution).create().endswith(f"WITH NO DATA{end}")


def test_a_row_without_a_key_is_found_by_its_segment_too() -> None:
    assert (
        "(t.gp_segment_id, t.tableoid, t.ctid) IN (SELECT m.gp_segment_id, m.tableoid, m.ctid"
        in staging((), RANDOMLY).delete_keyless()
    )
    assert "gp_segment_id" not in staging((), None).delete_keyless()


def test_inserted_rows_have_a_key_to_be_spread_by() -> None:
    net = KeyedChanges((1,))
    net.insert(Insert(1, [b"a", b"b", None]))
    net.update(Update(1, None, [b"c", b"d", UNCHANGED]))

    lines = b"".join(encode_keyed(net, take_census(net), 3, spread=True)).split(b"\n")

    assert lines == [b"I\t0\tb\ta\tb\t\\N", b"U\t1\td\tc\td\t\\N", b""]


def test_no_update_moves_a_row_to_another_segment() -> None:
    relation = Relation(T, RelationKind.TABLE, ())
    columns = tuple(TargetColumn(name, "integer", 23, -1, None, True) for name in ("a", "b"))
    message = RelationMessage(
        1, T, ReplicaIdentity.DEFAULT, tuple(RelationColumn(name, 23, -1, True) for name in ("a", "b"))
    )

    shape = SentShape(T, (ColumnShape("a", "a"), ColumnShape("b", "b")))
    made = TargetTable(relation, columns, distributed_by("b")).staging(message, (0, 1), "stage_0", {}, shape)

    assert made.fixed == (1,)
    assert made.update(0, ()) == (
        'UPDATE ONLY "public"."t" AS t SET "a" = s.c0 FROM stage_0 AS s WHERE s.op = \'U\' AND s.mask = 0 '
        'AND t."a" = s.k0 AND t."b" = s.k1 AND t."b" IS NOT DISTINCT FROM s.c1'
    )
    numbers = Staging("stage_0", T, "ONLY ", (StagedColumn("a"), StagedColumn("b", None, False, False)), (1,))
    assert str(numbers.update(0, ())).endswith('AND t."b"::text IS NOT DISTINCT FROM s.c1::text')
    unsent = made.update(1, (1,))
    assert unsent is not None
    assert "IS NOT DISTINCT" not in unsent
