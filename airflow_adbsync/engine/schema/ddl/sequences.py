"""CREATE SEQUENCE, and to which column it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.schema.definitions import SequenceDefinition, TableDefinition
from airflow_adbsync.engine.schema.identity import relation
from airflow_adbsync.engine.schema.statement import Draft, Section


def sequence_drafts(
    sequences: Iterable[SequenceDefinition], tables: Mapping[int, TableDefinition]
) -> Iterator[Draft]:
    """Sequences that stand by themselves or stand behind a serial column; identity columns make their own."""
    for item in sequences:
        if item.identity:
            continue
        sql = f"CREATE SEQUENCE {item.name.sql} AS {item.type} {options(item)}"
        makes = frozenset({relation(item.oid)})
        yield Draft(f"sequence {item.name}", Section.SEQUENCE, sql, makes, home=item.name.schema)
        if item.table in tables:
            column = f"{tables[item.table].name.sql}.{quote_identifier(item.column)}"
            yield Draft(
                f"ownership of sequence {item.name}",
                Section.OWNERSHIP,
                f"ALTER SEQUENCE {item.name.sql} OWNED BY {column}",
                needs=frozenset({relation(item.oid), relation(item.table)}),
            )


def options(item: SequenceDefinition) -> str:
    """All options but the data type, as CREATE SEQUENCE and GENERATED AS IDENTITY take them."""
    return (
        f"INCREMENT BY {item.increment} MINVALUE {item.minimum} MAXVALUE {item.maximum} "
        f"START WITH {item.start} CACHE {item.cache}{' CYCLE' if item.cycle else ''}"
    )
