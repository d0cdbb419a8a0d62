"""What acts by itself on the target, and when it may."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.config import TriggerMode
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.ddl import firing_drafts, grant_drafts, row_security_drafts
from airflow_adbsync.engine.schema.definitions import FiringDefinition, GrantDefinition, TableDefinition
from airflow_adbsync.engine.schema.identity import ObjectId
from airflow_adbsync.engine.schema.kind import Kind
from airflow_adbsync.engine.schema.statement import Section

T = QualifiedName("shop", "t")


def trigger(enabled: str = "O", *, switchable: bool = True) -> FiringDefinition:
    id_ = ObjectId("pg_trigger", 1)
    return FiringDefinition(
        id_, Kind.TRIGGER, 'trigger "tr" on shop.t', "tr", T, "CREATE TRIGGER tr", enabled, switchable
    )


def drafts(item: FiringDefinition, mode: TriggerMode) -> dict[Section, str]:
    return {draft.section: draft.sql for draft in firing_drafts([item], mode)}


@pytest.mark.parametrize(
    ("enabled", "then"),
    [("O", "ENABLE"), ("R", "ENABLE REPLICA"), ("A", "ENABLE ALWAYS"), ("D", "")],
)
def test_disabled_in_the_statement_that_makes_it_and_switched_on_apart(enabled: str, then: str) -> None:
    alter = 'ALTER TABLE "shop"."t"'
    expected = {Section.TRIGGER: f'CREATE TRIGGER tr;\n{alter} DISABLE TRIGGER "tr"'}
    if then:
        expected[Section.ACTIVATION] = f'{alter} {then} TRIGGER "tr"'
    assert drafts(trigger(enabled), TriggerMode.DISABLED) == expected


def test_enabled_means_as_on_the_source() -> None:
    assert drafts(trigger(), TriggerMode.ENABLED) == {Section.TRIGGER: "CREATE TRIGGER tr"}
    (always,) = drafts(trigger("A"), TriggerMode.ENABLED).values()
    assert always.endswith('ENABLE ALWAYS TRIGGER "tr"')


def test_on_a_view_nothing_can_be_switched() -> None:
    on_view = trigger(switchable=False)
    assert drafts(on_view, TriggerMode.DISABLED) == {Section.TRIGGER: "CREATE TRIGGER tr"}


@pytest.mark.parametrize(("passes", "section"), [(True, Section.ROW_SECURITY), (False, Section.ACTIVATION)])
def test_forced_row_security_waits_where_it_would_bind_the_account(passes: bool, section: Section) -> None:
    table = TableDefinition(1, T, "r", (), row_security=True, force_row_security=True)
    enable, force = row_security_drafts([table], forced_now=passes)
    assert (enable.section, enable.sql) == (
        Section.ROW_SECURITY,
        'ALTER TABLE ONLY "shop"."t" ENABLE ROW LEVEL SECURITY',
    )
    assert (force.section, force.sql) == (section, 'ALTER TABLE ONLY "shop"."t" FORCE ROW LEVEL SECURITY')


def test_grants_of_one_object_are_one_statement_without_strangers() -> None:
    id_ = ObjectId("pg_class", 1)
    grants = [
        GrantDefinition(id_, "table shop.t", role, f"GRANT TO {role}") for role in ("a", "stranger", "")
    ]
    (draft,) = grant_drafts(grants, {"a"})
    assert (draft.object, draft.sql) == ("privileges on table shop.t", "GRANT TO a;\nGRANT TO ")
    assert draft.needs == {id_}
