"""What the clone bench copies: pgbench's tables, a mixed table of 20 columns, TPC-H with its keys."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from airflow_adbsync.local.binaries import installed
from tests.databases import Database, libpq_environment

_KINDS = ("int", "numeric(12, 2)", "text", "timestamptz")
_VALUES = (
    "(n * {k}) % 100000",
    "n * 0.{k}1",
    "'value {k} of ' || n",
    "timestamptz '2024-01-01' + n * interval '{k} s'",
)
_TPCH = {
    "region": "r_regionkey int PRIMARY KEY, r_name text, r_comment text",
    "nation": "n_nationkey int PRIMARY KEY, n_name text, n_regionkey int, n_comment text",
    "supplier": "s_suppkey int PRIMARY KEY, s_name text, s_address text, s_nationkey int, s_phone text, "
    "s_acctbal numeric(15, 2), s_comment text",
    "customer": "c_custkey int PRIMARY KEY, c_name text, c_address text, c_nationkey int, c_phone text, "
    "c_acctbal numeric(15, 2), c_mktsegment text, c_comment text",
    "part": "p_partkey int PRIMARY KEY, p_name text, p_mfgr text, p_brand text, p_type text, p_size int, "
    "p_container text, p_retailprice numeric(15, 2), p_comment text",
    "partsupp": "ps_partkey int, ps_suppkey int, ps_availqty int, ps_supplycost numeric(15, 2), "
    "ps_comment text, PRIMARY KEY (ps_partkey, ps_suppkey)",
    "orders": "o_orderkey bigint PRIMARY KEY, o_custkey int, o_orderstatus char(1), "
    "o_totalprice numeric(15, 2), o_orderdate date, o_orderpriority text, o_clerk text, "
    "o_shippriority int, o_comment text",
    "lineitem": "l_orderkey bigint, l_partkey int, l_suppkey int, l_linenumber int, "
    "l_quantity numeric(15, 2), l_extendedprice numeric(15, 2), l_discount numeric(15, 2), "
    "l_tax numeric(15, 2), l_returnflag char(1), l_linestatus char(1), l_shipdate date, "
    "l_commitdate date, l_receiptdate date, l_shipinstruct text, l_shipmode text, l_comment text, "
    "PRIMARY KEY (l_orderkey, l_linenumber)",
}
_INDEXES = (
    "CREATE INDEX ON orders (o_orderdate)",
    "CREATE INDEX ON lineitem (l_shipdate)",
    "CREATE INDEX ON lineitem (l_partkey, l_suppkey)",
    "CREATE INDEX ON mixed (c1)",
    "CREATE INDEX ON mixed (c4)",
)


def make(source: Database, scale: float, directory: Path) -> None:
    """Fill the database; at scale 1: pgbench 50, 1,000,000 mixed rows, TPC-H 1 where tpchgen-cli is found."""
    environment = {**os.environ, **libpq_environment(source.endpoint)}
    pgbench = [str(installed(18).path("pgbench")), "-i", "-q", "-s", str(max(1, round(50 * scale)))]
    subprocess.run(pgbench, env=environment, check=True, stderr=subprocess.DEVNULL)
    columns = ", ".join(f"c{k} {_KINDS[k % 4]}" for k in range(1, 20))
    values = ", ".join(_VALUES[k % 4].format(k=k) for k in range(1, 20))
    source.execute(f"CREATE TABLE mixed (id bigint PRIMARY KEY, {columns})")
    source.execute(
        f"INSERT INTO mixed SELECT n, {values} FROM generate_series(1, {int(1_000_000 * scale)}) AS n"
    )
    for table, columns in _TPCH.items():
        source.execute(f"CREATE TABLE {table} ({columns})")
    _fill_tpch(environment, scale, directory)
    for statement in _INDEXES:
        source.execute(statement)
    source.execute("VACUUM ANALYZE")


def _fill_tpch(environment: dict[str, str], scale: float, directory: Path) -> None:
    program = shutil.which("tpchgen-cli")
    if program is None:
        print("  tpchgen-cli (PyPI) is not on PATH: TPC-H's tables stay empty", file=sys.stderr)
        return
    psql = [str(installed(18).path("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    for table in _TPCH:
        words = [program, "csv", "-s", f"{scale:g}", f"--tables={table}", f"--output-dir={directory}"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        file = directory / f"{table}.csv"
        with file.open("rb") as rows:
            copy = f"COPY {table} FROM STDIN WITH (FORMAT csv, HEADER)"
            subprocess.run([*psql, "-c", copy], stdin=rows, env=environment, check=True)
        file.unlink()
