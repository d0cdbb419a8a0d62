"""The sync's configuration: what people write, and what they are told when it can't be used."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pendulum
import pytest
from pydantic import ValidationError

from airflow_adbsync.engine.config import SyncConfig, from_yaml
from airflow_adbsync.engine.config.quantities import parse_duration, parse_size
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Endpoint, QualifiedName, TlsMode
from airflow_adbsync.engine.sync import Sync

WRITTEN: dict[str, Any] = {
    "sync_id": "shop",
    "source": "shop_prod",
    "target": "warehouse",
    "objects": {"schemas": ["public"], "tables": ["audit.events"], "exclude": ['public."Odd Name"']},
    "incremental": {"retry_for": "12h", "max_batch_bytes": "64MB"},
}


def config(**changed: Any) -> SyncConfig:
    return SyncConfig.model_validate({**WRITTEN, **changed})


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("12h", 43200),
        ("1h 30min", 5400),
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("1.5 s", 1.5),
        ("2D", 172800),
        ("1w", 604800),
        ("PT12H", 43200),
        ("P1DT6H", 108000),
        ("PT0.5S", 0.5),
        (90, 90),
        (0.25, 0.25),
        (0, 0),
        (timedelta(minutes=3), 180),
        (pendulum.duration(hours=2, minutes=1), 7260),
    ],
)
def test_durations_are_read_as_people_write_them(written: object, seconds: float) -> None:
    duration = parse_duration(written)
    assert type(duration) is timedelta
    assert duration.total_seconds() == pytest.approx(seconds)


@pytest.mark.parametrize("written", ["", "h", "12", "12 parsecs", "P", "2026-01-01", True, None, [], "1h-3m"])
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="duration: write"):
        parse_duration(written)


@pytest.mark.parametrize("written", [-1, timedelta(seconds=-1), "-PT1H", pendulum.duration(hours=-2)])
def test_no_duration_is_negative(written: object) -> None:
    with pytest.raises(ValueError, match=r"negative|not a duration"):
        parse_duration(written)


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("64MB", 64 << 20),
        ("64 mb", 64 << 20),
        ("64MiB", 64 << 20),
        ("1.5GB", 3 << 29),
        ("512k", 512 << 10),
        ("1T", 1 << 40),
        ("17", 17),
        ("17B", 17),
        (4096, 4096),
        (0, 0),
    ],
)
def test_sizes_are_read_as_people_write_them(written: object, size: int) -> None:
    assert parse_size(written) == size


@pytest.mark.parametrize("written", ["", "MB", "-1MB", "1 lot", "1PB", -1, 1.5, True, None])
def test_what_is_no_size_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="size: write"):
        parse_size(written)


def test_a_whole_configuration() -> None:
    read = config()
    assert read.objects.table_names == (QualifiedName("audit", "events"),)
    assert read.objects.excluded_names == (QualifiedName("public", "Odd Name"),)
    assert read.incremental.retry_for == timedelta(hours=12)
    assert read.incremental.max_batch_bytes == 64 << 20
    assert read.load.max_tasks == 8


def test_it_survives_json() -> None:
    assert SyncConfig.model_validate(json.loads(json.dumps(config().model_dump(mode="json")))) == config()


def test_it_does_not_change() -> None:
    with pytest.raises(ValidationError):
        config().sync_id = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"objetcs": {}}, r"`objetcs` is not a key: did you mean `objects`\?"),
        ({"incremental": {"retry_fro": "1h"}}, r"`incremental\.retry_fro` .* did you mean `retry_for`\?"),
        ({"load": {"speed": 9}}, r"`load\.speed` is not a key: remove it \(known keys here: max_tasks"),
        (
            {"incremental": {"retry_for": "soon"}},
            r"`incremental\.retry_for`: 'soon' is not a duration",
        ),
        (
            {"incremental": {"max_batch_bytes": "lots"}},
            r"`incremental\.max_batch_bytes`: 'lots' is not",
        ),
        ({"incremental": {"max_batch_changes": 0}}, r"`incremental\.max_batch_changes`.*greater"),
        ({"load": {"retry_for": "30s"}}, r"`load\.retry_for`.*write 1min to 24h, or 0"),
        ({"load": {"retry_connections_for": "2d"}}, r"`load\.retry_connections_for`.*10min to 24h"),
        ({"load": {"retry_connections_for": "10min", "retry_for": "1h"}}, "is longer than"),
        ({"load": {"max_tasks": 5000}}, r"`load\.max_tasks`.*1024"),
        ({"sync_id": "Shop-1"}, r"`sync_id` must be 1 to 40 lower-case letters"),
        ({"sync_id": "x" * 41}, r"`sync_id` must be 1 to 40 lower-case letters"),
        ({"source": ""}, r"`source`"),
        ({"objects": {}}, r"`objects`: nothing is selected: name at least one schema"),
        ({"objects": {"tables": ["orders"]}}, r"`objects\.tables\.0`: 'orders' is not a qualified name"),
        (
            {"objects": {"tables": ["a.b"], "exclude": ['a."b"']}},
            r"a\.b stands in both `tables` and `exclude`",
        ),
        ({"target": "shop_prod"}, r"`source` and `target` are both 'shop_prod'.*What to do"),
    ],
)
def test_what_can_not_be_used_is_named_with_its_remedy(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        config(**changed)


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(ConfigError, match=r"`source` is missing.*`objects` is missing.*`sorce`.*`source`"):
        SyncConfig.model_validate({"sync_id": "s", "sorce": "a", "target": "b"})


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(json.dumps(WRITTEN))
    assert from_yaml(file) == config()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no sync"),
        ("- a\n- b\n", "holds no sync"),
        ("sync_id: [", "is not YAML.*line 1"),
        ("sync_id: shop\nsource: a\ntarget: b\nobject: {}\n", "did you mean `objects`"),
    ],
)
def test_a_file_that_can_not_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=f"(?s)shop.yaml.*{said}"):
        from_yaml(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"shop\.yaml can't be read"):
        from_yaml(tmp_path / "shop.yaml")


SOURCE = Endpoint("db1", "shop", "ada", password="hush", tls_mode=TlsMode.REQUIRE)
TARGET = Endpoint("db2", "shop", "ada", password="hush2")


def test_a_sync_survives_json_with_its_passwords() -> None:
    sync = Sync(config(), SOURCE, TARGET)
    assert Sync.from_json(json.loads(json.dumps(sync.to_json()))) == sync
    assert sync.slot_name == "adbsync_shop"


def test_a_sync_of_a_database_with_itself_is_refused() -> None:
    with pytest.raises(ConfigError, match="same database"):
        Sync(config(), SOURCE, Endpoint("db1", "shop", "bob"))


def test_a_password_shows_in_no_text_form() -> None:
    for text in (repr(SOURCE), str(SOURCE), repr(Sync(config(), SOURCE, TARGET))):
        assert "hush" not in text
