"""What is renamed on the way is what ALTER ... RENAME would have made of the source, by pg_dump's word."""

from __future__ import annotations

import re

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database, Server, fresh_database
from tests.dumps import differences, schema_of
from tests.integration.test_schema_dumps import make_torture


def sync(source: Database, target: Database, **said: object) -> Sync:
    config = SyncConfig.model_validate({"sync_id": "renames", "source": "a", "target": "b", **said})
    return Sync(config, source.endpoint, target.endpoint)


def carry(this: Sync) -> dict[str, str]:
    schema.create(this)
    schema.finish(this)
    result = schema.validate(this)
    schema.activate(this)
    return dict(line.split(": ", 1) for line in result.left_out)


TORTURE = {
    "objects": {"schemas": ["shop", "Odd.Schema", "aux"]},
    "names": {"schemas": {"shop": "the store", "aux": "shop"}},
    "tables": {
        "shop.customer": {
            "name": "client",
            "columns": {
                "id": "Mixed Case",
                "Mixed Case": "id",
                "select": "from",
                "日本語": "name",
                "c": "cs",
                "cs": "c",
            },
        },
        "shop.stored": {"name": "kept", "columns": {"id": "no", "v": "version", "outside": "in side"}},
        "shop.heir": {"columns": {"id": "no", "v": "version", "outside": "in side"}},
        "shop.event": {"columns": {"id": "event id", "at": "day", "payload": "load"}},
        "shop.base": {"name": "root", "columns": {"id": "base id", "a": "b c"}},
        "shop.child": {"columns": {"id": "base id", "a": "b c", "extra": "more"}},
        "aux.grandchild": {"columns": {"id": "base id", "a": "b c", "extra": "more"}},
        "shop.circle": {"name": "ring", "columns": {"v": "w", "w": "v"}},
        "shop.keyless": {"columns": {"a": "alpha", "b": "beta"}},
        '"Odd.Schema"."table"': {
            "name": "view",
            "columns": {"a.b": 'quote"quote', "user": "order", "order": "user"},
        },
    },
}
BY_HAND = """
ALTER TABLE shop.customer RENAME TO client;
ALTER TABLE shop.client RENAME id TO x1;
ALTER TABLE shop.client RENAME "Mixed Case" TO id;
ALTER TABLE shop.client RENAME x1 TO "Mixed Case";
ALTER TABLE shop.client RENAME "select" TO "from";
ALTER TABLE shop.client RENAME "日本語" TO name;
ALTER TABLE shop.client RENAME c TO x1;
ALTER TABLE shop.client RENAME cs TO c;
ALTER TABLE shop.client RENAME x1 TO cs;
ALTER TABLE shop.stored RENAME TO kept;
ALTER TABLE shop.kept RENAME id TO no;
ALTER TABLE shop.kept RENAME v TO version;
ALTER TABLE shop.kept RENAME outside TO "in side";
ALTER TABLE shop.event RENAME id TO "event id";
ALTER TABLE shop.event RENAME at TO day;
ALTER TABLE shop.event RENAME payload TO load;
ALTER TABLE shop.base RENAME TO root;
ALTER TABLE shop.root RENAME id TO "base id";
ALTER TABLE shop.root RENAME a TO "b c";
ALTER TABLE shop.child RENAME extra TO more;
ALTER TABLE shop.circle RENAME TO ring;
ALTER TABLE shop.ring RENAME v TO x1;
ALTER TABLE shop.ring RENAME w TO v;
ALTER TABLE shop.ring RENAME x1 TO w;
ALTER TABLE shop.keyless RENAME a TO alpha;
ALTER TABLE shop.keyless RENAME b TO beta;
ALTER TABLE "Odd.Schema"."table" RENAME TO view;
ALTER TABLE "Odd.Schema".view RENAME "a.b" TO "quote""quote";
ALTER TABLE "Odd.Schema".view RENAME "user" TO x1;
ALTER TABLE "Odd.Schema".view RENAME "order" TO "user";
ALTER TABLE "Odd.Schema".view RENAME x1 TO "order";
ALTER SCHEMA shop RENAME TO "the store";
ALTER SCHEMA aux RENAME TO shop;
"""


# The server names a table by its new name where nothing says otherwise; the old one stays as an alias here.
ALIASES = {
    ".client customer": ".client",
    ".kept stored": ".kept",
    '.view "table"': ".view",
    ".ring circle ": ".ring ",
    "circle.id": "ring.id",
}


def without_aliases(text: str) -> str:
    for alias, plain in ALIASES.items():
        text = text.replace(alias, plain)
    return text


def with_new_schemas(text: str) -> str:
    """Bodies that are text, which ALTER ... RENAME leaves alone."""
    head, delimiter, body = text.partition("\n    AS $")
    body = re.sub(r"\bshop\.", '"the store".', body)
    text = f"{head}{delimiter}{body}"
    text = text.replace("aux.elsewhere", '"shop"."elsewhere"')
    return text.replace("search_path TO 'shop'", "search_path TO 'the store'")


def test_torture(target_server: Server) -> None:
    with fresh_database(target_server, "source") as source, fresh_database(target_server, "target") as target:
        make_torture(source)
        left_out = carry(sync(source, target, **TORTURE))
        source.execute(BY_HAND)
        there = {
            name: with_new_schemas(text) if name.startswith("FUNCTION ") else text
            for name, text in schema_of(source, firing=True).items()
        }
        here = {
            name: text if name.startswith("FUNCTION ") else without_aliases(text)
            for name, text in schema_of(target, firing=True).items()
        }

        assert set(differences(there, here)) == {
            "PROCEDURE the store.proc(integer, text)",
            "COMMENT the store.PROCEDURE proc(IN a integer, INOUT b text)",
        }
        assert left_out == {
            "procedure shop.proc(IN a integer, INOUT b text)": "its SQL can't be rewritten surely under "
            "the target's names: it names shop.made_later, which the sync does not know, in a schema that is "
            "renamed"
        }
