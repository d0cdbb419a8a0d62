-- PostgreSQL: 006_rewrite
-- compares: rewritten

-- there:
CREATE TABLE rewritten (id int PRIMARY KEY, b text);
CREATE INDEX rewritten_b ON rewritten (b);

-- rows:
INSERT INTO rewritten SELECT n, repeat('b', n * 20) FROM generate_series(1, 200) n;

-- change:
UPDATE rewritten SET b = b || 'x' WHERE id % 2 = 0;

-- change:
VACUUM FULL rewritten;

-- change:
DELETE FROM rewritten WHERE id % 5 = 0;

-- change:
CLUSTER rewritten USING rewritten_b;

-- change:
ALTER TABLE rewritten SET (fillfactor = 50);
UPDATE rewritten SET b = 'y' WHERE id < 50;

-- change:
ALTER TABLE rewritten ADD x float DEFAULT random();
ALTER TABLE rewritten DROP x;
UPDATE rewritten SET b = 'v' WHERE id = 4;

-- change:
INSERT INTO rewritten VALUES (1000, 'z');
