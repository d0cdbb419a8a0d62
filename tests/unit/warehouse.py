"""A source with a table of each kind that matters to where rows live, as definitions."""

from __future__ import annotations

from airflow_adbsync.engine.model import QualifiedName, Storage, StorageEngine, distributed_by
from airflow_adbsync.engine.schema.definitions import (
    ColumnDefinition,
    ConstraintDefinition,
    Definitions,
    IndexDefinition,
    TableDefinition,
)
from airflow_adbsync.engine.schema.placement import SourcePlacement, UniqueKey


def column(name: str, type_: str, *, null: bool = False) -> ColumnDefinition:
    return ColumnDefinition(name, type_, not_null=not null)


def key(oid: int, name: str, kind: str, *columns: str) -> ConstraintDefinition:
    words = "PRIMARY KEY" if kind == "p" else "UNIQUE"
    listed = ", ".join(f'"{item}"' if item != item.lower() or " " in item else item for item in columns)
    return ConstraintDefinition(oid, name, kind, f"{words} ({listed})", index=oid, columns=columns)


def reference(oid: int, name: str, definition: str, *, table: int, index: int) -> ConstraintDefinition:
    return ConstraintDefinition(oid, name, "f", definition, index=index, referenced=table)


def named(text: str) -> QualifiedName:
    return QualifiedName.parse(text)


CUSTOMERS = TableDefinition(
    10,
    named("public.customers"),
    "r",
    (column("id", "bigint"), column("email", "text"), column("country", "character(2)")),
    constraints=(key(11, "customers_pkey", "p", "id"), key(12, "customers_email_key", "u", "email")),
    options=("fillfactor=80",),
)
ORDERS = TableDefinition(
    20,
    named("public.orders"),
    "r",
    (column("customer_id", "bigint"), column("id", "bigint"), column("email", "text", null=True)),
    constraints=(
        key(21, "orders_pkey", "p", "customer_id", "id"),
        reference(
            22,
            "orders_customer",
            "FOREIGN KEY (customer_id) REFERENCES public.customers(id)",
            table=10,
            index=11,
        ),
        reference(
            23, "orders_email", "FOREIGN KEY (email) REFERENCES public.customers(email)", table=10, index=12
        ),
    ),
)
COUNTRIES = TableDefinition(
    30,
    named("public.countries"),
    "r",
    (column("code", "character(2)"), column("name", "text")),
    constraints=(key(31, "countries_pkey", "p", "code"),),
    indexes=(
        IndexDefinition(
            32,
            named("public.countries_name"),
            "CREATE UNIQUE INDEX countries_name ON public.countries USING btree (lower(name))",
        ),
    ),
)
VISITS = TableDefinition(
    40,
    named("public.visits"),
    "r",
    (column("visitor", "uuid"), column("at", "timestamp with time zone"), column("page", "text")),
    indexes=(
        IndexDefinition(
            41,
            named("public.visits_once"),
            "CREATE UNIQUE INDEX visits_once ON public.visits USING btree (visitor, at)",
        ),
        IndexDefinition(
            42,
            named("public.visits_page"),
            'CREATE UNIQUE INDEX visits_page ON public.visits USING btree (page, "at" DESC) '
            "INCLUDE (visitor) WHERE (page <> ')'::text)",
        ),
    ),
)
EVENTS = TableDefinition(
    50,
    named("public.events"),
    "r",
    (column("at", "timestamp with time zone"), column("what", "jsonb", null=True)),
    options=("autovacuum_enabled=false",),
)
LOGS = TableDefinition(
    60, named("archive.logs"), "r", (column("day", "date"), column("line", "text", null=True))
)
READINGS = TableDefinition(
    70,
    named("public.readings"),
    "p",
    (column("sensor", "integer"), column("day", "date"), column("value", "numeric", null=True)),
    constraints=(key(71, "readings_pkey", "p", "sensor", "day"),),
    partition_key="RANGE (day)",
)
READINGS_2026 = TableDefinition(
    80,
    named("public.readings_2026"),
    "r",
    READINGS.columns,
    constraints=(key(81, "readings_2026_pkey", "p", "sensor", "day"),),
    indexes=(IndexDefinition(81, named("public.readings_2026_pkey"), "", of_constraint=True, parent=71),),
    parents=(70,),
    partition_bound="FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
)
ODD = TableDefinition(
    90,
    QualifiedName("Odd.Schema", 'select "x" y'),
    "r",
    (column("Id", "bigint"), column("day", "date")),
    constraints=(key(91, 'odd "key"', "p", "Id"),),
)

DEFINITIONS = Definitions(
    tables=(CUSTOMERS, ORDERS, COUNTRIES, VISITS, EVENTS, LOGS, READINGS, READINGS_2026, ODD)
)

# The source is PostgreSQL.
ORDINARY = SourcePlacement(
    keys={
        10: (
            UniqueKey(11, "customers_pkey", ("id",), primary=True),
            UniqueKey(12, "customers_email_key", ("email",)),
        ),
        20: (UniqueKey(21, "orders_pkey", ("customer_id", "id"), primary=True),),
        30: (
            UniqueKey(31, "countries_pkey", ("code",), primary=True),
            UniqueKey(32, "countries_name", (), whole=False, plain=False),
        ),
        40: (
            UniqueKey(41, "visits_once", ("visitor", "at"), identity=True),
            UniqueKey(42, "visits_page", ("page", "at"), whole=False, plain=False),
        ),
        70: (UniqueKey(71, "readings_pkey", ("sensor", "day"), primary=True),),
        80: (UniqueKey(81, "readings_2026_pkey", ("sensor", "day"), primary=True),),
        90: (UniqueKey(91, 'odd "key"', ("Id",), primary=True),),
    }
)
# The source is a Greenplum: the same tables, less what it could not have.
DISTRIBUTED_DEFINITIONS = Definitions(tables=(ORDERS, EVENTS, LOGS))
DISTRIBUTED = SourcePlacement(
    keys={20: ORDINARY.keys[20]},
    distributions={20: distributed_by("customer_id"), 50: distributed_by("at"), 60: distributed_by("day")},
    storages={
        50: Storage(StorageEngine.AO_COLUMN, (("compresstype", "zlib"), ("compresslevel", "3"))),
        60: Storage(StorageEngine.AO_ROW),
    },
    encodings={50: {"at": ("compresstype=rle_type", "compresslevel=2"), "what": ("compresstype=none",)}},
)
