-- Fills the shop with rows that are the same every time: values come from md5 of the row's number.
-- Size: SELECT set_config('shop.scale', '0.1', false) beforehand makes a tenth of it; 1 is about 370,000 rows.

CREATE FUNCTION pg_temp.rows(whole integer) RETURNS integer LANGUAGE sql AS
$$ SELECT greatest(20, round(whole * coalesce(nullif(current_setting('shop.scale', true), ''), '1')::numeric)::integer) $$;

CREATE FUNCTION pg_temp.dice(seed text, sides integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT (('x' || substr(md5(seed), 1, 7))::bit(28)::integer % sides) $$;

CREATE FUNCTION pg_temp.noise(seed text, pieces integer) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT string_agg(md5(seed || piece), '') FROM generate_series(1, pieces) AS piece $$;

INSERT INTO shop.categories (parent_id, name, path, "sortOrder")
SELECT CASE WHEN i > 8 THEN 1 + i % 8 END, 'Category ' || i, ARRAY['all', 'group ' || i % 8, 'category ' || i], i / 3.0
FROM generate_series(1, 60) AS i;

INSERT INTO shop.customers (email, name, home, tags, born, balance, preferences, favourites, active, created_at)
SELECT
    'customer' || i || '@example.com',
    'name ' || substr(md5('name' || i), 1, 10) || CASE WHEN i % 50 = 0 THEN E' \u00e5\u6587 "q" \\' ELSE '' END,
    ROW(i || ' Main Street', 'City ' || i % 97, lpad((i % 99999)::text, 5, '0'), CASE WHEN i % 3 = 0 THEN 'DE' ELSE 'SG' END)::shop.address,
    CASE WHEN i % 4 = 0 THEN '{}' ELSE ARRAY['tag' || i % 7, 'a,b "c"', CASE WHEN i % 9 = 0 THEN NULL ELSE '' END] END,
    CASE WHEN i % 11 > 0 THEN date '1950-01-01' + pg_temp.dice('born' || i, 20000) END,
    pg_temp.dice('balance' || i, 10000000) / 10000.0,
    jsonb_build_object('newsletter', i % 2 = 0, 'theme', 'theme ' || i % 5, 'limits', jsonb_build_array(i, NULL, i / 7.0)),
    CASE WHEN i % 5 = 0 THEN ARRAY['new', 'paid']::shop.order_status[] END,
    i % 10 > 0,
    timestamptz '2024-01-01 00:00:00+00' + i * interval '7 minutes 3.25 seconds'
FROM generate_series(1, pg_temp.rows(30000)) AS i;

INSERT INTO shop.products (sku, category_id, name, price, weight, dimensions, attributes, thumbnail, band, discontinued_at)
SELECT
    'SKU-' || i,
    1 + i % 60,
    'Product ' || i || ' in ' || substr(md5('product' || i), 1, 6),
    pg_temp.dice('price' || i, 100000) / 100.0,
    CASE WHEN i % 100 = 0 THEN 'NaN' WHEN i % 101 = 0 THEN 'Infinity' ELSE i / 7.0 END,
    ARRAY[[i % 10, i % 20], [i % 30, i % 40]]::numeric(8, 2)[],
    CASE WHEN i % 6 > 0 THEN jsonb_build_object('colour', 'colour ' || i % 12, 'sizes', jsonb_build_array('S', 'M', 'L')) END,
    CASE WHEN i % 3 = 0 THEN decode(pg_temp.noise('thumbnail' || i, 8), 'hex') END,
    CASE WHEN i % 7 > 0 THEN shop.price_band(i, i + 10, '[)') ELSE 'empty' END,
    CASE WHEN i % 20 = 0 THEN timestamp '2025-01-01 00:00:00.125' + i * interval '1 hour' END
FROM generate_series(1, pg_temp.rows(4000)) AS i;

INSERT INTO shop.orders (customer_id, status, placed_at, delivery, ship_to, total, note)
SELECT
    1 + pg_temp.dice('customer' || i, pg_temp.rows(30000)),
    (enum_range(NULL::shop.order_status))[1 + i % 5],
    timestamptz '2024-06-01 00:00:00+00' + i * interval '3 minutes',
    CASE
        WHEN i % 5 = 3 OR i % 8 = 0 THEN
            tstzrange(timestamptz '2024-06-02 00:00:00+00' + i * interval '3 minutes', timestamptz '2024-06-04 00:00:00+00' + i * interval '3 minutes', '[]')
    END,
    CASE WHEN i % 3 = 0 THEN ROW('Dock ' || i, NULL, '', 'NL')::shop.address END,
    pg_temp.dice('total' || i, 500000) / 100.0,
    CASE WHEN i % 4 = 0 THEN repeat('Please ring. ', 1 + i % 9) || E'\ttab\nand line' END
FROM generate_series(1, pg_temp.rows(60000)) AS i;

INSERT INTO shop.order_lines (order_id, line, sku, quantity, price)
SELECT o, l, 'SKU-' || 1 + pg_temp.dice('sku' || o || '/' || l, pg_temp.rows(4000)), 1 + (o + l) % 9, (o * 31 + l * 17) % 10000 / 100.0
FROM generate_series(1, pg_temp.rows(60000)) AS o, generate_series(1, 1 + o % 4) AS l;

INSERT INTO shop.payments (id, order_id, method, amount, received_at, sent_from, receipt)
SELECT
    md5('payment' || i)::uuid,
    i,
    (ARRAY['card', 'transfer', 'cash'])[1 + i % 3],
    pg_temp.dice('paid' || i, 500000) / 100.0,
    timestamptz '2024-06-01 00:10:00+00' + i * interval '3 minutes',
    CASE WHEN i % 2 = 0 THEN ('10.' || i % 250 || '.7.1')::inet ELSE '2001:db8::1/64' END,
    CASE WHEN i % 5 = 0 THEN json_build_object('number', i, 'text', 'paid  "in" full') END
FROM generate_series(1, pg_temp.rows(40000)) AS i;

INSERT INTO shop.stock_moves (sku, delta, reason, shelf, counted, moved_at)
SELECT
    'SKU-' || 1 + i % pg_temp.rows(4000),
    1 + i % 3,
    CASE WHEN i % 4 > 0 THEN 'delivery ' || i % 4 END,
    ARRAY[i % 3, NULL],
    CASE WHEN i % 2 = 0 THEN i % 5 / 3.0 END,
    timestamp '2024-03-01' + i % 400 * interval '1 day'
FROM generate_series(1, pg_temp.rows(15000)) AS i, generate_series(0, i % 3);

INSERT INTO shop.documents (title, body, scan, reads, read_at, attributes)
SELECT
    'Document ' || i,
    pg_temp.noise('body' || i, 200 + i % 7 * 150),
    CASE WHEN i % 2 = 0 THEN decode(pg_temp.noise('scan' || i, 500 + i % 5 * 200), 'hex') END,
    i % 10,
    NULL,
    CASE WHEN i % 3 = 0 THEN jsonb_build_object('words', pg_temp.noise('words' || i, 300)) END
FROM generate_series(1, pg_temp.rows(400)) AS i;

INSERT INTO shop.page_views (customer_id, path, took, seen_at)
SELECT
    CASE WHEN i % 3 > 0 THEN 1 + i % pg_temp.rows(30000) END,
    '/products/' || pg_temp.dice('path' || i, 4000) || '?page=' || i % 10,
    i % 900 * interval '1.001 milliseconds' + CASE WHEN i % 1000 = 0 THEN interval '1 month 2 days' ELSE interval '0' END,
    timestamptz '2025-01-01 00:00:00+00' + i * interval '11 seconds'
FROM generate_series(1, pg_temp.rows(40000)) AS i;

INSERT INTO "Back Office"."Employees" ("Full Name", "Manager", "Salary", "Bonus %", "hired On", "Badge", "Shift", "Skills", "order")
SELECT
    'Employee ' || i,
    CASE WHEN i > 10 THEN 1 + i % 10 END,
    2000 + pg_temp.dice('salary' || i, 300000) / 100.0,
    CASE WHEN i % 3 = 0 THEN i % 40 / 2.0 END,
    date '2010-01-01' + i * 11,
    'B' || lpad(i::text, 6, '0'),
    ('0' || i % 8 || ':30:00+0' || i % 3)::timetz,
    ARRAY['skill ' || i % 6, 'skill ' || i % 13],
    (i % 4096)::bit(12)::varbit
FROM generate_series(1, 300) AS i;

INSERT INTO "Back Office"."Time Sheet" ("Employee Id", "Day", "Worked", "Remark")
SELECT e, date '2025-01-01' + d, int4range(480 + e % 60, 960 + (e + d) % 90), CASE WHEN (e + d) % 10 = 0 THEN 'late' END
FROM generate_series(1, 300) AS e, generate_series(0, pg_temp.rows(40)) AS d;

INSERT INTO "Back Office"."Audit ""Log""" ("At", "User", "table", "Changes", "From")
SELECT
    timestamptz '2025-01-01 00:00:00+00' + i * interval '1 minute',
    'user ' || i % 9,
    'table ' || i % 11,
    jsonb_build_object('before', i, 'after', i + 1),
    ('08:00:2b:01:02:' || lpad(to_hex(i % 256), 2, '0'))::macaddr
FROM generate_series(1, pg_temp.rows(2000)) AS i;

SELECT setval('shop.invoice_numbers', (SELECT max(substr(invoice, 5)::bigint) FROM shop.orders));
ANALYZE;
