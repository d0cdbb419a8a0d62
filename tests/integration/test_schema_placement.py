"""What is read of a source to choose where its tables live on a server of segments."""

from __future__ import annotations

from airflow_adbsync.engine.catalog import read_server
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.schema.placement import UniqueKey
from airflow_adbsync.engine.schema.placement_reading import read_source_placement
from tests.databases import Database

TABLES = """
    CREATE TYPE pair AS (a int, b text);
    CREATE TYPE mood AS ENUM ('ok');
    CREATE DOMAIN price AS money;
    CREATE DOMAIN code AS varchar(9);
    CREATE TABLE t (
        id int, n numeric, v varchar, c char(3), u uuid, m mood, r int4range, ns int[], d code, i inet,
        s cidr, p pair, ps pair[], money money, price price, bits bit(3),
        PRIMARY KEY (id, n, v, c, u, m, r, ns, d, i, s), UNIQUE (id, p, ps, money, price, bits)
    );
    CREATE UNIQUE INDEX partly ON t (id) WHERE n > 0;
    CREATE UNIQUE INDEX reckoned ON t (id, (n + 1));
"""


def test_keys_and_the_columns_that_can_not_choose_a_segment(source_db: Database) -> None:
    source_db.execute(TABLES)
    oid = source_db.value("SELECT 't'::regclass::oid::bigint")
    with source_db.connect() as conn:
        found = read_source_placement(conn, capabilities(read_server(conn)), [oid])

    assert found.unspreadable == {oid: {"p", "ps", "money", "price", "bits"}}
    keys = {key.name: key for key in found.keys[oid]}
    assert {name: (key.plain, key.whole, key.primary) for name, key in keys.items()} == {
        "t_pkey": (True, True, True),
        "t_id_p_ps_money_price_bits_key": (True, False, False),
        "partly": (False, False, False),
        "reckoned": (False, False, False),
    }
    assert keys["partly"] == UniqueKey(keys["partly"].index, "partly", ("id",), whole=False, plain=False)
