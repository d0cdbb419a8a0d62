-- PostgreSQL: 001_rep_changes
-- compares: covering

-- there:
CREATE TABLE covering (a int, b text, PRIMARY KEY (a) INCLUDE (b));

-- rows:
INSERT INTO covering SELECT n, 'x' FROM generate_series(1, 20) n;

-- change:
DELETE FROM covering WHERE a > 15;
UPDATE covering SET b = 'y', a = -a WHERE a < 9;
