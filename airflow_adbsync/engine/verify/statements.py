"""The query that takes a table's fingerprint; pure."""

from __future__ import annotations

from enum import StrEnum

from airflow_adbsync.engine.model import Relation, quote_identifier

# hashtextextended() came with 11; without it, or between encodings, md5 does (at about three times the cost).
_HASHES_TEXT = 110_000


class RowHash(StrEnum):
    """How a row's text becomes a 64-bit number, with ``{row}`` in the place of the row.

    The collation is pinned, for a hash depends on it; hashing the text takes both databases to have the same
    encoding, and both servers to have hashtextextended().
    """

    TEXT = """hashtextextended({row}::text COLLATE "C", 0)"""
    MD5 = "('x' || substr(md5(convert_to({row}::text, 'UTF8')), 1, 16))::bit(64)::bigint"


def choose_hash(source: tuple[str, int], target: tuple[str, int]) -> RowHash:
    """Choose by encoding and ``server_version_num`` of both databases."""
    same_encoding = source[0] == target[0]
    both_hash_text = min(source[1], target[1]) >= _HASHES_TEXT
    return RowHash.TEXT if same_encoding and both_hash_text else RowHash.MD5


def fingerprint(relation: Relation, row_hash: RowHash) -> str:
    """Count the rows and sum their hashes, so that order doesn't matter and equal rows count each.

    Columns stand in the source's order on both sides, generated ones too. A row's text form tells NULL from
    an empty string (PostgreSQL doc: Composite Type Input and Output Syntax).
    """
    columns = ", ".join(quote_identifier(column.name) for column in relation.columns)
    hash_ = row_hash.value.replace("{row}", f"ROW({columns})")
    return f"SELECT count(*), coalesce(sum({hash_}), 0)::text FROM {relation.only}{relation.name.sql}"
