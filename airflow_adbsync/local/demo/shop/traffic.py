"""What the customers and the staff of the shop do, as transactions in SQL; values only, no connection.

Every kind of change that a sync has to carry is among them: key changes, swapped keys, values handed over
from one row to another, rows equal in every column, large values that an update leaves alone, savepoints,
rollbacks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from airflow_adbsync.local.demo.shop.dice import Dice, Extent

_AUDIT_LOG = '"Back Office"."Audit ""Log"""'


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction of a named kind, to be sent as one message: ``begun``, then ``ending``."""

    kind: str
    begun: str
    ending: str

    @property
    def sql(self) -> str:
        """The whole of it."""
        return self.begun + self.ending


def place_order(dice: Dice) -> str:
    """An order with its lines; the goods leave the shelf."""
    product = dice.product
    note = "'as soon as possible'" if dice.number(3) == 1 else "NULL"
    return f"""
        INSERT INTO shop.orders (customer_id, total, note)
        VALUES ({dice.customer}, {dice.number(90000)} / 100.0, {note});
        INSERT INTO shop.order_lines
        SELECT currval('shop.orders_id_seq'), line, sku, line + 1, price
        FROM generate_series(1, {dice.number(4)}) AS line, shop.products WHERE id = {product};
        INSERT INTO shop.stock_moves
        VALUES ('SKU-{product}', -{dice.number(3)}, NULL, ARRAY[1, NULL], 0.5, '2026-01-0{dice.number(9)}');
    """


def pay_order(dice: Dice) -> str:
    """A payment, and the order's new state."""
    order = dice.order
    return f"""
        UPDATE shop.orders SET status = 'paid', total = total + 1 WHERE id = {order};
        INSERT INTO shop.payments (id, order_id, method, amount, sent_from, receipt)
        SELECT md5('{dice.word}{dice.word}')::uuid, id, 'card', total, '10.1.2.3', '{{"ok":  true}}'
        FROM shop.orders WHERE id = {order};
    """


def ship_order(dice: Dice) -> str:
    """A range and an enum change together, under a CHECK."""
    return f"""
        UPDATE shop.orders SET status = 'shipped', delivery = tstzrange(now(), now() + interval '3 days')
        WHERE id = {dice.order};
    """


def cancel_order(dice: Dice) -> str:
    """A delete that cascades to the lines and clears the payments' reference."""
    order = dice.order
    return f"""
        INSERT INTO shop.returned_goods
        SELECT order_id, line, 'cancelled', localtime FROM shop.order_lines WHERE order_id = {order}
        ON CONFLICT DO NOTHING;
        DELETE FROM shop.orders WHERE id = {order};
    """


def renumber_lines(dice: Dice) -> str:
    """One column of a key of two changes."""
    return f"UPDATE shop.order_lines SET line = line + {10 + dice.number(50)} WHERE order_id = {dice.order};"


def return_again(dice: Dice) -> str:
    """A delete, an insert with the same key, and an update of it, all in one transaction."""
    order = dice.order
    return f"""
        DELETE FROM shop.returned_goods WHERE order_id = {order} AND line = 1;
        INSERT INTO shop.returned_goods VALUES ({order}, 1, 'damaged', '12:30') ON CONFLICT DO NOTHING;
        UPDATE shop.returned_goods SET why = why || ' again' WHERE order_id = {order} AND line = 1;
    """


def new_customer(dice: Dice) -> str:
    """Every type of a customer in one row, with nulls in the middle of arrays and composites."""
    word = dice.word
    return f"""
        INSERT INTO shop.customers (email, name, home, tags, preferences, favourites)
        VALUES ('{word}{dice.word}@example.org', 'walk-in \u00fc {word}',
                ROW('1 High St', NULL, '', 'GB')::shop.address, ARRAY['new', NULL, 'a,b'],
                '{{"theme": null}}', ARRAY['returned']::shop.order_status[]);
    """


def edit_customer(dice: Dice) -> str:
    """Several columns of several types; the generated column follows."""
    return f"""
        UPDATE shop.customers
        SET balance = balance + {dice.number(1000)} / 7.0, name = 'edited {dice.word}',
            preferences = preferences || '{{"seen": {dice.number(1000)}}}',
            tags = tags[1:2] || ARRAY['t{dice.number(9)}'],
            home = ROW((home).street, 'Town {dice.number(9)}', NULL, 'FR')::shop.address
        WHERE id = {dice.customer};
    """


def hand_email_over(dice: Dice) -> str:
    """One customer takes the address that another gives up: a unique value passes on in one transaction."""
    giver = dice.number(dice.extent.customers - 1)
    return f"""
        SELECT set_config('shop.email', email, true) FROM shop.customers WHERE id = {giver} FOR UPDATE;
        UPDATE shop.customers SET email = '{dice.word}-{giver}@example.net' WHERE id = {giver};
        UPDATE shop.customers SET email = current_setting('shop.email') WHERE id = {giver + 1};
    """


def rename_product(dice: Dice) -> str:
    """A key change that cascades to the order lines."""
    return f"""
        UPDATE shop.products SET sku = CASE WHEN sku LIKE '%~' THEN left(sku, -1) ELSE sku || '~' END
        WHERE id = {dice.product};
    """


def swap_products(dice: Dice) -> str:
    """Two rows exchange their keys by way of a third value."""
    one = dice.number(dice.extent.products - 1)
    two = one + 1
    return f"""
        SELECT set_config('shop.one', sku, true) FROM shop.products WHERE id = {one} FOR UPDATE;
        SELECT set_config('shop.two', sku, true) FROM shop.products WHERE id = {two} FOR UPDATE;
        UPDATE shop.products SET sku = 'swap-{dice.word}' WHERE id = {one};
        UPDATE shop.products SET sku = current_setting('shop.one') WHERE id = {two};
        UPDATE shop.products SET sku = current_setting('shop.two') WHERE id = {one};
    """


def reprice(dice: Dice) -> str:
    """Some tens of rows in one statement; their thumbnails stay as they are."""
    return f"""
        UPDATE shop.products
        SET price = (id * 7 + {dice.number(9000)}) % 10000 / 100.0,
            band = shop.price_band({dice.number(50)}, 100), dimensions[1][1] = {dice.number(99)}
        WHERE category_id = {dice.number(60)};
    """


def move_stock(dice: Dice) -> str:
    """Rows of a keyless table, two of them equal in every column."""
    row = f"('SKU-{dice.product}', {dice.number(9)}, 'delivery', ARRAY[2, 3], NULL, '2026-02-02')"
    return f"INSERT INTO shop.stock_moves VALUES {row}, {row};"


def correct_stock(dice: Dice) -> str:
    """One row of several equal ones changes."""
    return f"UPDATE shop.stock_moves SET delta = delta + 1, reason = 'recount' WHERE {_one_move(dice)};"


def drop_stock(dice: Dice) -> str:
    """One row of several equal ones goes."""
    return f"DELETE FROM shop.stock_moves WHERE {_one_move(dice)};"


def read_document(dice: Dice) -> str:
    """An update beside large values that stay: the log says of them only that they are unchanged."""
    return f"UPDATE shop.documents SET reads = reads + 1, read_at = now() WHERE id = {dice.document};"


def rewrite_document(dice: Dice) -> str:
    """The large value itself changes, then the row again without it."""
    document, word = dice.document, dice.word
    return f"""
        UPDATE shop.documents
        SET body = (SELECT string_agg(md5(i || '{word}'), '') FROM generate_series(1, 300) AS i)
        WHERE id = {document};
        UPDATE shop.documents SET title = 'Rewritten {word}' WHERE id = {document};
    """


def view_pages(dice: Dice) -> str:
    """A few narrow rows."""
    row = f"({dice.customer}, '/p/{dice.word}', interval '{dice.number(900)} milliseconds')"
    return f"INSERT INTO shop.page_views (customer_id, path, took) VALUES {row}, {row};"


def trim_pages(dice: Dice) -> str:
    """Several rows go at once."""
    first = dice.number(30000)
    return f"DELETE FROM shop.page_views WHERE id BETWEEN {first} AND {first + 3};"


def pay_employee(dice: Dice) -> str:
    """Names in mixed case, with blanks, a percent sign and a quote."""
    employee = dice.employee
    return f"""
        UPDATE "Back Office"."Employees"
        SET "Salary" = "Salary" + 1, "Bonus %" = {dice.number(30)} / 2.0,
            "order" = ({dice.number(4000)})::bit(12)::varbit
        WHERE "Employee Id" = {employee};
        INSERT INTO {_AUDIT_LOG} ("table", "Changes")
        VALUES ('Employees', '{{"who": {employee}}}');
    """


def fill_time_sheet(dice: Dice) -> str:
    """An upsert, then the row moves to another day: half of its key changes."""
    employee, day = dice.employee, f"date '2026-01-01' + {dice.number(200)}"
    return f"""
        INSERT INTO "Back Office"."Time Sheet" ("Employee Id", "Day", "Worked")
        VALUES ({employee}, {day}, int4range(480, {500 + dice.number(500)}))
        ON CONFLICT ("Day", "Employee Id")
        DO UPDATE SET "Worked" = excluded."Worked", "Remark" = 'corrected';
        UPDATE "Back Office"."Time Sheet" AS t SET "Day" = "Day" + 1000
        WHERE "Employee Id" = {employee} AND "Day" = {day}
        AND NOT EXISTS (
            SELECT FROM "Back Office"."Time Sheet" AS taken
            WHERE taken."Employee Id" = t."Employee Id" AND taken."Day" = t."Day" + 1000);
    """


def change_of_mind(dice: Dice) -> str:
    """Part of the work is undone by a savepoint, part stays."""
    return f"""
        {edit_customer(dice)}
        SAVEPOINT before; {place_order(dice)} ROLLBACK TO SAVEPOINT before;
        {move_stock(dice)}
        SAVEPOINT later; {read_document(dice)} RELEASE SAVEPOINT later;
    """


def never_mind(dice: Dice) -> str:
    """All of the work is undone."""
    return place_order(dice) + rewrite_document(dice) + drop_stock(dice)


# How often each kind occurs, relative to the others.
MIX: tuple[tuple[Callable[[Dice], str], float], ...] = (
    (place_order, 22),
    (pay_order, 11),
    (ship_order, 8),
    (cancel_order, 5),
    (renumber_lines, 2),
    (return_again, 2),
    (new_customer, 5),
    (edit_customer, 9),
    (hand_email_over, 0.5),
    (rename_product, 0.7),
    (swap_products, 0.2),
    (reprice, 0.3),
    (move_stock, 4),
    (correct_stock, 4),
    (drop_stock, 4),
    (read_document, 6),
    (rewrite_document, 0.3),
    (view_pages, 7),
    (trim_pages, 1),
    (pay_employee, 3),
    (fill_time_sheet, 2),
    (change_of_mind, 1.5),
    (never_mind, 1.5),
)
_KINDS = [kind for kind, _ in MIX]
_WEIGHTS = [weight for _, weight in MIX]


def next_transaction(rng: Random, extent: Extent) -> Transaction:
    """Compose one transaction; the same ``rng`` gives the same ones."""
    kind = rng.choices(_KINDS, _WEIGHTS)[0]
    ending = "ROLLBACK" if kind is never_mind else "COMMIT"
    return Transaction(kind.__name__, f"BEGIN;{kind(Dice(rng, extent))}", ending)


def _one_move(dice: Dice) -> str:
    """One row of a keyless table, even where others are equal to it in every column."""
    return f"ctid = (SELECT ctid FROM shop.stock_moves WHERE sku = 'SKU-{dice.product}' LIMIT 1)"
