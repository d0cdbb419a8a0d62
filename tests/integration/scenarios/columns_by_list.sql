-- PostgreSQL: 031_column_list
-- tables: {public.some_columns: {columns: {secret: false, gone: false}}}
-- tables: {public.some_keyless: {columns: {secret: false}}, public.some_parts: {columns: {b: false}}}
-- compares: (SELECT a, b FROM some_columns)
-- compares: (SELECT a, b FROM some_keyless)
-- compares: (SELECT a, c FROM some_parts)

-- there:
CREATE TABLE some_columns (secret text, a int PRIMARY KEY, gone int, b text);
ALTER TABLE some_columns ALTER secret SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL;
CREATE TABLE some_keyless (a int, secret text, b text);
CREATE TABLE some_parts (a int PRIMARY KEY, b int, c text) PARTITION BY RANGE (a);
CREATE TABLE some_parts_1 (c text, b int, a int NOT NULL);
ALTER TABLE some_parts ATTACH PARTITION some_parts_1 FOR VALUES FROM (0) TO (100);

-- here:
CREATE TABLE some_columns (a int PRIMARY KEY, b text);
CREATE TABLE some_keyless (a int, b text);
CREATE TABLE some_parts (a int PRIMARY KEY, c text);

-- rows:
INSERT INTO some_columns SELECT repeat('s', 5000), n, n, repeat('b', 5000) FROM generate_series(1, 20) n;
INSERT INTO some_keyless SELECT n % 3, 'secret ' || n, 'b' FROM generate_series(1, 20) n;
INSERT INTO some_parts SELECT n, n, 'c' FROM generate_series(1, 20) n;

-- change:
UPDATE some_columns SET secret = 'told';
UPDATE some_columns SET gone = 0, a = -a WHERE a < 5;

-- change:
UPDATE some_columns SET b = 'new', secret = NULL WHERE a = 9;
INSERT INTO some_columns VALUES ('x', 50, 50, NULL);

-- change:
UPDATE some_keyless SET secret = 'other';
DELETE FROM some_keyless WHERE ctid IN (SELECT ctid FROM some_keyless WHERE a = 1 LIMIT 2);
UPDATE some_keyless SET b = 'changed' WHERE a = 2;

-- change:
UPDATE some_parts SET b = -1;
UPDATE some_parts SET c = 'd', a = a + 50 WHERE a > 15;
DELETE FROM some_parts WHERE b = -1 AND a < 4;
