-- PostgreSQL: 001_rep_changes
-- compares: nothing

-- there:
CREATE TABLE nothing (a int);
ALTER TABLE nothing REPLICA IDENTITY NOTHING;

-- rows:
INSERT INTO nothing VALUES (1), (2);

-- change:
INSERT INTO nothing VALUES (3), (3);

-- change:
UPDATE nothing SET a = 4 WHERE a = 2;
DELETE FROM nothing WHERE a = 1;
