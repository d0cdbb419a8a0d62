-- PostgreSQL: 009_matviews
-- compares: viewed

-- there:
CREATE TABLE viewed (id int PRIMARY KEY, b text);

-- rows:
INSERT INTO viewed VALUES (1, 'x');

-- change:
CREATE MATERIALIZED VIEW seen AS SELECT * FROM viewed;
CREATE UNIQUE INDEX ON seen (id);
INSERT INTO viewed VALUES (2, 'y');

-- change:
REFRESH MATERIALIZED VIEW seen;

-- change:
UPDATE viewed SET b = 'z';
REFRESH MATERIALIZED VIEW CONCURRENTLY seen;

-- change:
INSERT INTO viewed VALUES (3, '3');
