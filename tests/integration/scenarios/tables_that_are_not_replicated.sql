-- PostgreSQL: 025_rep_changes_for_schema, 100_bugs
-- compares: carried

-- there:
CREATE TABLE carried (id int PRIMARY KEY, n int);

-- rows:
INSERT INTO carried VALUES (1, 1);

-- change:
CREATE TABLE later (id int PRIMARY KEY);
CREATE UNLOGGED TABLE not_logged (id int);
INSERT INTO later VALUES (1);
INSERT INTO not_logged VALUES (1);
INSERT INTO carried VALUES (2, 2);

-- change:
BEGIN;
CREATE TEMP TABLE passing AS SELECT * FROM carried;
UPDATE carried SET n = 3;
TRUNCATE later;
DROP TABLE passing;
COMMIT;

-- change:
CREATE TABLE made_of AS SELECT * FROM carried;
DROP TABLE later;
DELETE FROM carried WHERE id = 1;
