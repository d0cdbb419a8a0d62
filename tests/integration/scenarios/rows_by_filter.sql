-- PostgreSQL: 028_row_filter
-- tables: {public.chosen: {where: "n > 10 AND length(body) > 3000"}, public.chosen_parts: {where: "n < 50"}}
-- tables: {public.chosen_by_kind: {where: "kind IS NOT NULL AND kind <> 'b' AND day >= '2026-01-01'"}}
-- compares: (SELECT * FROM chosen WHERE n > 10 AND length(body) > 3000) | chosen
-- compares: (SELECT * FROM chosen_parts WHERE n < 50) | chosen_parts
-- compares: (SELECT * FROM chosen_by_kind WHERE kind <> 'b' AND day >= '2026-01-01') | chosen_by_kind

-- there:
CREATE TABLE chosen (id int PRIMARY KEY, n int, body text);
ALTER TABLE chosen ALTER body SET STORAGE EXTERNAL;
CREATE TABLE chosen_parts (id int PRIMARY KEY, n int) PARTITION BY RANGE (id);
CREATE TABLE chosen_parts_1 PARTITION OF chosen_parts FOR VALUES FROM (0) TO (100);
CREATE TABLE chosen_parts_2 PARTITION OF chosen_parts FOR VALUES FROM (100) TO (200);
CREATE TYPE kind AS ENUM ('a', 'b', 'c');
CREATE TABLE chosen_by_kind (kind kind, day date);

-- rows:
INSERT INTO chosen SELECT n, n, repeat('x', n * 200) FROM generate_series(1, 40) n;
INSERT INTO chosen_parts SELECT n, n FROM generate_series(0, 199) n;
INSERT INTO chosen_by_kind SELECT (ARRAY['a', 'b', 'c', NULL])[1 + n % 4]::kind, date '2025-12-20' + n
FROM generate_series(1, 40) n;

-- change:
UPDATE chosen SET n = n - 10;

-- change:
UPDATE chosen SET n = n + 15 WHERE id % 2 = 0;
UPDATE chosen SET id = -id WHERE id > 35;

-- change:
UPDATE chosen SET body = left(body, 3000) WHERE id % 3 = 0;
DELETE FROM chosen WHERE id % 5 = 0;

-- change:
UPDATE chosen_parts SET n = n - 60 WHERE id BETWEEN 40 AND 80;
DELETE FROM chosen_parts WHERE id BETWEEN 10 AND 20;
UPDATE chosen_parts SET id = 15, n = 7 WHERE id = 150;

-- change:
UPDATE chosen_by_kind SET kind = 'b' WHERE ctid IN (SELECT ctid FROM chosen_by_kind WHERE kind = 'a' LIMIT 3);
UPDATE chosen_by_kind SET day = day + 10 WHERE kind IS DISTINCT FROM 'c';
UPDATE chosen_by_kind SET kind = 'c', day = '2026-03-01' WHERE kind IS NULL;
