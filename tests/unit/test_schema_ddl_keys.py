"""Keys, foreign keys and indexes become the DDL that a reviewer can read here."""

from __future__ import annotations

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.ddl import constraint_drafts, index_drafts
from airflow_adbsync.engine.schema.definitions import ConstraintDefinition, IndexDefinition
from airflow_adbsync.engine.schema.statement import Section
from tests.unit.schema_drafts import GREENPLUM, POSTGRESQL_18, sql, table, tables

TO_T = "FOREIGN KEY (id) REFERENCES public.t(id)"


def test_keys_and_foreign_keys() -> None:
    referring = table(
        2,
        QualifiedName("public", "u"),
        constraints=(
            ConstraintDefinition(41, "u key", "u", "UNIQUE (id) DEFERRABLE", index=51),
            ConstraintDefinition(42, "fk", "f", TO_T, referenced=1),
            ConstraintDefinition(43, "fk_out", "f", "FOREIGN KEY (id) REFERENCES public.o(id)", referenced=9),
            ConstraintDefinition(44, "loose", "f", f"{TO_T} NOT VALID", False, referenced=1),
            ConstraintDefinition(45, "from_root", "f", "FOREIGN KEY ...", derived=True, referenced=1),
        ),
    )
    made = sql(constraint_drafts(tables(table(), referring), POSTGRESQL_18))

    assert made == {
        'unique constraint "u key" of public.u': (
            'ALTER TABLE ONLY "public"."u" ADD CONSTRAINT "u key" UNIQUE (id) DEFERRABLE'
        ),
        'foreign key "fk" of public.u': (f'ALTER TABLE "public"."u" ADD CONSTRAINT "fk" {TO_T} NOT VALID'),
        'validation of foreign key "fk" of public.u': 'ALTER TABLE "public"."u" VALIDATE CONSTRAINT "fk"',
        'foreign key "loose" of public.u': (
            f'ALTER TABLE "public"."u" ADD CONSTRAINT "loose" {TO_T} NOT VALID'
        ),
    }


def test_a_partitioned_tables_foreign_key_is_added_and_validated_in_one() -> None:
    key = ConstraintDefinition(42, "fk", "f", TO_T, referenced=1)
    root = table(2, QualifiedName("public", "p"), kind="p", constraints=(key,))
    (draft,) = constraint_drafts(tables(table(), root), POSTGRESQL_18)

    assert draft.section is Section.VALIDATION
    assert "NOT VALID" not in draft.sql


def test_greenplum_gets_no_exclusion_constraints_and_validates_no_foreign_key() -> None:
    referring = table(
        2,
        QualifiedName("public", "u"),
        constraints=(
            ConstraintDefinition(41, "x", "x", "EXCLUDE ...", index=51),
            ConstraintDefinition(42, "fk", "f", TO_T, referenced=1),
        ),
    )

    (draft,) = constraint_drafts(tables(table(), referring), GREENPLUM)

    assert draft.sql.endswith(TO_T)


def test_indexes_that_constraints_make_are_only_attached() -> None:
    root = table(
        1,
        kind="p",
        indexes=(
            IndexDefinition(61, QualifiedName("public", "root_pkey"), "", of_constraint=True),
            IndexDefinition(62, QualifiedName("public", "root idx"), "CREATE INDEX ... ON ONLY public.root"),
        ),
    )
    part = table(
        2,
        QualifiedName("public", "p"),
        indexes=(
            IndexDefinition(71, QualifiedName("public", "p_pkey"), "", of_constraint=True, parent=61),
            IndexDefinition(72, QualifiedName("public", "p idx"), "CREATE INDEX ... ON public.p", parent=62),
        ),
    )

    assert sql(index_drafts([root, part])) == {
        'index public."root idx"': "CREATE INDEX ... ON ONLY public.root",
        "partition public.p_pkey of index public.root_pkey": (
            'ALTER INDEX "public"."root_pkey" ATTACH PARTITION "public"."p_pkey"'
        ),
        'index public."p idx"': "CREATE INDEX ... ON public.p",
        'partition public."p idx" of index public."root idx"': (
            'ALTER INDEX "public"."root idx" ATTACH PARTITION "public"."p idx"'
        ),
    }
