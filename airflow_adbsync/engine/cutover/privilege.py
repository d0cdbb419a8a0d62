"""Taking the right to write away, and giving it back as it was: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from airflow_adbsync.engine.model import QualifiedName, quote_identifier
from airflow_adbsync.engine.state.fences import Step


class Privilege(NamedTuple):
    """One entry of an access control list (PostgreSQL doc: Privileges); ``grantee`` None is PUBLIC."""

    table: QualifiedName
    column: str | None
    owner: str
    grantor: str
    grantee: str | None
    privilege: str
    grantable: bool


def revocation(privileges: Iterable[Privilege]) -> tuple[Step, ...]:
    """Take from each table's holders what they have of the owner; what they passed on goes with it.

    Column privileges go with the table's (PostgreSQL doc: REVOKE).
    """
    held = sorted({(each.table, each.grantee or "") for each in privileges})
    taken = "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON TABLE"
    return tuple(
        Step(None, f"{taken} {table.sql} FROM {_role(grantee or None)} CASCADE") for table, grantee in held
    )


def restoration(privileges: Sequence[Privilege]) -> tuple[Step, ...]:
    """Give each its privileges back, by whom it had them, and nobody before who passed them on."""
    steps: list[Step] = []
    for _, of_table in groupby(sorted(privileges, key=_of_table), key=_of_table):
        steps += _in_turn(list(of_table))
    return tuple(steps)


def _in_turn(left: list[Privilege]) -> list[Step]:
    """Whoever grants must hold the grant option by then; the owner always does."""
    steps: list[Step] = []
    able: set[tuple[str | None, str, str]] = {(None, each.owner, each.privilege) for each in left}
    while left:
        now = [each for each in left if _may(each, able)] or left
        steps += [_grant(each) for each in now]
        able |= {(each.column, each.grantee or "", each.privilege) for each in now if each.grantable}
        left = [each for each in left if each not in now]
    return steps


def _may(each: Privilege, able: set[tuple[str | None, str, str]]) -> bool:
    return (None, each.grantor, each.privilege) in able or (each.column, each.grantor, each.privilege) in able


def _grant(each: Privilege) -> Step:
    column = f" ({quote_identifier(each.column)})" if each.column else ""
    option = " WITH GRANT OPTION" if each.grantable and each.grantee else ""
    sql = f"GRANT {each.privilege}{column} ON TABLE {each.table.sql} TO {_role(each.grantee)}{option}"
    return Step(each.grantor if each.grantor != each.owner else None, sql)


def _of_table(each: Privilege) -> QualifiedName:
    return each.table


def _role(name: str | None) -> str:
    return quote_identifier(name) if name else "PUBLIC"
