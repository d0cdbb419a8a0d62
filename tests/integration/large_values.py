"""Values of 100 MB and none, through the load's process."""

from __future__ import annotations

from airflow_adbsync.engine.load import plan
from tests.databases import Database
from tests.integration.load_child import end_of, start_load
from tests.integration.started_sync import started_sync

HUNDRED = 100_000_000
COLUMNS = "id int, b bytea, t text, a int[], j jsonb"
# A tsquery goes as text, and its row with it.
TABLES = {"in_binary": COLUMNS, "in_text": f"{COLUMNS}, q tsquery"}
BYTEA = f"INSERT INTO {{0}} (id, b) VALUES (1, convert_to(repeat('ab\\9', {HUNDRED // 4}), 'UTF8'))"
TEXT = f"INSERT INTO {{0}} (id, t) VALUES (2, repeat(E'a\\t\\n\\\\', {HUNDRED // 4}))"
ARRAY = f"INSERT INTO {{0}} (id, a) VALUES (3, array_fill(7, ARRAY[{HUNDRED // 8}]))"
JSONB = f"INSERT INTO {{0}} (id, j) VALUES (4, to_jsonb(repeat('ab c', {HUNDRED // 4})))"
EMPTY = "INSERT INTO {0} VALUES (5, '', '', '{{}}', '{{}}'), (6, NULL, NULL, '{{NULL}}', '\"\"')"
SHOWN = (
    "SELECT id, md5(b), octet_length(b), md5(t), length(t), hash_array(a), cardinality(a), md5(j::text) "
    "FROM {0} ORDER BY id"
)


def load_values(source: Database, target: Database, values: dict[str, list[str]]) -> tuple[int, int]:
    """Load these statements' rows, by table, and compare; return the bytes sent and the process's peak."""
    for table, statements in values.items():
        for database in (source, target):
            database.execute(f"CREATE TABLE {table} ({TABLES[table]})")
        for statement in (*statements, EMPTY):
            source.execute(statement.format(table))
    sync = started_sync(source.endpoint, target.endpoint, max_tasks=1, connections_per_task=1)
    (only,) = plan(sync).bins
    peak = end_of(start_load(sync, only))
    for table in values:
        shown = SHOWN.format(table)
        assert target.fetch(shown) == source.fetch(shown)
    return int(target.value("SELECT sum(bytes) FROM adbsync.relation")), peak
