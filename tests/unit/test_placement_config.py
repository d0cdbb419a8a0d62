"""`distribution` and `storage` as users write them."""

from __future__ import annotations

import pytest
import yaml

from airflow_adbsync.engine.config import DistributionRule, SyncConfig
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import QualifiedName, Storage, StorageEngine

NEEDED = {"sync_id": "s", "source": "a", "target": "b", "objects": {"schemas": ["public"]}}


def config(text: str) -> SyncConfig:
    return SyncConfig.model_validate(NEEDED | (yaml.safe_load(text) or {}))


def named(text: str) -> QualifiedName:
    return QualifiedName.parse(text)


def test_nothing_needs_to_be_said() -> None:
    said = config("")

    assert said.distribution.of(named("public.t")) is DistributionRule.KEEP
    assert said.storage.of(named("public.t")) is None


def test_a_table_goes_before_its_schema_before_the_default() -> None:
    said = config(
        """
        distribution:
          default: key
          tables: {public.orders: [customer_id, Region], public.countries: replicated}
        storage:
          default: heap
          schemas: {archive: {engine: ao_row, options: {compresslevel: 5, checksum: true}}}
          tables: {'archive."Odd t"': ao_column}
        """
    )

    assert said.distribution.of(named("public.orders")) == ("customer_id", "Region")
    assert said.distribution.of(named("public.countries")) is DistributionRule.REPLICATED
    assert said.distribution.of(named("public.other")) is DistributionRule.KEY
    assert said.storage.of(named("public.t")) == Storage(StorageEngine.HEAP)
    assert said.storage.of(named("archive.t")) == Storage(
        StorageEngine.AO_ROW, (("compresslevel", "5"), ("checksum", "true"))
    )
    assert said.storage.of(QualifiedName("archive", "Odd t")) == Storage(StorageEngine.AO_COLUMN)


def test_it_survives_json() -> None:
    said = config(
        """
        distribution: {tables: {public.orders: [customer_id], public.countries: replicated}}
        storage: {default: {engine: beam, order_by: [day], options: {compresstype: zstd}}}
        """
    )

    assert SyncConfig.model_validate(said.model_dump(mode="json")) == said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "distribution: {tables: {public.orders: customer_id}}",
            ["`distribution.tables.public.orders`", "[customer_id]"],
        ),
        ("distribution: {tables: {public.orders: []}}", ["`distribution.tables.public.orders`", "list"]),
        ("distribution: {tables: {public.orders: [a, a]}}", ["name each once"]),
        ("distribution: {default: hash}", ["`distribution.default`", "'keep', 'key', 'randomly'"]),
        ("distribution: {other_key: widen}", ["did you mean `other_keys`?"]),
        ("storage: {default: oriole}", ["`storage.default.engine`", "'ao_column'"]),
        ("storage: {default: {engine: heap, order_by: [a]}}", ["`storage.default`", "beam's"]),
        ("storage: {default: {engine: heap, options: {'a)': 1}}}", ["`storage.default.options"]),
        (
            "storage: {default: {engine: heap, options: {a: [1]}}}",
            ["`storage.default.options.a`", "a word or"],
        ),
    ],
)
def test_an_error_names_the_key_and_what_to_write(text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        config(text)

    assert all(word in str(error.value) for word in words), str(error.value)
