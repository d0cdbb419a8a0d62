"""Which replica identities change, and which are put back."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.model import Family, QualifiedName, ReplicaIdentity
from airflow_adbsync.engine.replica_identity import TableIdentity, plan
from airflow_adbsync.engine.replica_identity.alteration import Alteration
from airflow_adbsync.engine.replica_identity.restoration import Present, put_back
from airflow_adbsync.engine.state.identities import IdentityChange

DEFAULT, FULL, INDEX, NOTHING = (ReplicaIdentity[name] for name in ("DEFAULT", "FULL", "INDEX", "NOTHING"))
ORDERS = QualifiedName("public", "orders")
CHANGED = IdentityChange(ORDERS, DEFAULT, None, FULL)


def table(
    identity: ReplicaIdentity, *columns: str, oid: int = 1, root: int = 1, index: str | None = None
) -> TableIdentity:
    return TableIdentity(oid, root, QualifiedName("public", f"t{oid}"), identity, index, columns)


def planned(*tables: TableIdentity, family: Family = Family.POSTGRESQL) -> list[str]:
    changes = plan(tables, family)
    assert {change.after for change in changes} <= {FULL}
    return [change.name.name for change in changes]


@pytest.mark.parametrize(
    ("found", "changes"),
    [
        (table(DEFAULT, "id"), False),
        (table(INDEX, "id"), False),
        (table(FULL), False),
        (table(DEFAULT), True),
        (table(NOTHING), True),
        (table(INDEX), True),  # its index is gone
    ],
)
def test_full_is_set_where_an_old_row_could_not_be_found(found: TableIdentity, changes: bool) -> None:
    assert bool(planned(found)) is changes


def test_analyticdb_wants_full_everywhere() -> None:
    found = [table(DEFAULT, "id"), table(INDEX, "id", oid=2, root=2), table(FULL, oid=3, root=3)]
    assert planned(*found, family=Family.ANALYTICDB) == ["t1", "t2"]
    assert planned(*found, family=Family.GREENPLUM) == []


def test_what_was_found_is_kept() -> None:
    (change,) = plan([TableIdentity(1, 1, ORDERS, NOTHING)], Family.POSTGRESQL)
    assert change == IdentityChange(ORDERS, NOTHING, None, FULL)


@pytest.mark.parametrize(
    ("root", "leaf", "changed"),
    [
        (table(DEFAULT, "id", "day"), table(DEFAULT, "id", "day", oid=2), []),
        (table(DEFAULT, "id", "day"), table(FULL, oid=2), []),
        (table(DEFAULT, "id", "day"), table(NOTHING, oid=2), ["t2"]),
        (table(DEFAULT, "id", "day"), table(INDEX, "other", oid=2), ["t2"]),  # not what the root promises
        (table(DEFAULT), table(DEFAULT, oid=2), ["t1", "t2"]),
        (table(FULL), table(DEFAULT, "id", oid=2), ["t2"]),  # the root promises whole rows
        (table(NOTHING), table(DEFAULT, "id", oid=2), ["t1", "t2"]),
    ],
)
def test_a_partition_sends_what_its_root_promises(
    root: TableIdentity, leaf: TableIdentity, changed: list[str]
) -> None:
    assert planned(root, leaf) == changed


def test_statements_quote_every_name() -> None:
    name = QualifiedName('Odd"s', "T")
    assert Alteration(1, name, FULL).sql == 'ALTER TABLE ONLY "Odd""s"."T" REPLICA IDENTITY FULL'
    assert (
        Alteration(1, name, INDEX, "My Index").sql
        == 'ALTER TABLE ONLY "Odd""s"."T" REPLICA IDENTITY USING INDEX "My Index"'
    )


def test_it_is_put_back_as_it_was_found() -> None:
    assert put_back(CHANGED, Present(7, FULL)) == Alteration(7, ORDERS, DEFAULT)
    by_index = IdentityChange(ORDERS, INDEX, "orders_no", FULL)
    assert put_back(by_index, Present(7, FULL, has_former_index=True)) == Alteration(
        7, ORDERS, INDEX, "orders_no"
    )


@pytest.mark.parametrize(
    ("change", "present", "why"),
    [
        (CHANGED, None, "gone"),
        (CHANGED, Present(7, DEFAULT), "as it was"),
        (CHANGED, Present(7, NOTHING), "somebody has set it to NOTHING since"),
        (CHANGED, Present(7, FULL, published_elsewhere=True), "another publication"),
        (IdentityChange(ORDERS, INDEX, "orders_no", FULL), Present(7, FULL), "index orders_no is gone"),
    ],
)
def test_what_is_better_left_is_left(change: IdentityChange, present: Present | None, why: str) -> None:
    verdict = put_back(change, present)
    assert isinstance(verdict, str)
    assert why in verdict
