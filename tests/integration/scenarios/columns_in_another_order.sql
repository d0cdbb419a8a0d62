-- PostgreSQL: 001_rep_changes, 008_diff_schema
-- compares: (SELECT a, b, c FROM mixed)

-- there:
CREATE TABLE mixed (a int PRIMARY KEY, b text, c numeric(6, 2));

-- here:
CREATE TABLE mixed (c numeric(6, 2), b text, a int PRIMARY KEY);

-- rows:
INSERT INTO mixed VALUES (1, 'foo', 1.5), (2, 'bar', 2.5);

-- change:
INSERT INTO mixed VALUES (3, 'baz', NULL);

-- change:
UPDATE mixed SET a = a + 10, c = 7 WHERE a > 1;
