"""Partitioned tables as plain ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_adbsync.engine.config import Partitions, SchemaOptions
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.errors import CapabilityMissing
from airflow_adbsync.engine.model import Family, QualifiedName, Server
from airflow_adbsync.engine.schema.definitions import Definitions, IndexDefinition
from airflow_adbsync.engine.schema.flattening import flattened, flattens
from tests.unit.schema_drafts import GREENPLUM, POSTGRESQL_16, table

ANALYTICDB = capabilities(Server(Family.ANALYTICDB, 120012, "", "", 0, "db"))
OLD = capabilities(Server(Family.GREENPLUM, 90426, "", "", 0, "db"))


def test_the_default_goes_by_the_family_of_the_target() -> None:
    asked = SchemaOptions()

    assert flattens(asked, ANALYTICDB)
    assert not flattens(asked, POSTGRESQL_16)
    assert not flattens(asked, GREENPLUM)
    assert flattens(asked, OLD)


def test_what_is_configured_goes_before_the_default() -> None:
    assert flattens(SchemaOptions(partitions=Partitions.FLATTEN), POSTGRESQL_16)
    assert not flattens(SchemaOptions(partitions=Partitions.KEEP), ANALYTICDB)
    with pytest.raises(CapabilityMissing, match="partitioned tables"):
        flattens(SchemaOptions(partitions=Partitions.KEEP), OLD)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("CREATE INDEX i ON ONLY public.t USING btree (a)", "CREATE INDEX i ON public.t USING btree (a)"),
        (
            'CREATE UNIQUE INDEX "x"" ON ONLY y" ON ONLY public.t USING btree (a)',
            'CREATE UNIQUE INDEX "x"" ON ONLY y" ON public.t USING btree (a)',
        ),
        (
            "CREATE INDEX i ON public.t USING btree ((' ON ONLY '::text || a))",
            "CREATE INDEX i ON public.t USING btree ((' ON ONLY '::text || a))",
        ),
    ],
)
def test_an_index_is_made_on_the_whole_table(written: str, wanted: str) -> None:
    index = IndexDefinition(9, QualifiedName("public", "i"), written)
    root = table(kind="p", partition_key="RANGE (id)", indexes=(index,))

    (plain,) = flattened(Definitions(tables=(root,))).tables

    assert plain == replace(root, kind="r", partition_key=None, indexes=(replace(index, definition=wanted),))


def test_a_plain_table_stays_as_it_is() -> None:
    plain = Definitions(tables=(table(),))

    assert flattened(plain) == plain
