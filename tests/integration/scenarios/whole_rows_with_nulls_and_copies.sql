-- PostgreSQL: 001_rep_changes, 032_subscribe_use_index
-- compares: whole

-- there:
CREATE TABLE whole (a int, b text, c numeric);
ALTER TABLE whole REPLICA IDENTITY FULL;
CREATE INDEX ON whole (a);

-- rows:
INSERT INTO whole SELECT n % 4, nullif('b' || n % 3, 'b0'), 1.0 FROM generate_series(1, 40) n;

-- change:
UPDATE whole SET b = NULL WHERE a = 1;

-- change:
UPDATE whole SET a = NULL, c = 1.00 WHERE b IS NULL;

-- change:
DELETE FROM whole WHERE ctid IN (SELECT ctid FROM whole WHERE a IS NULL LIMIT 3);

-- change:
INSERT INTO whole VALUES (NULL, NULL, NULL), (NULL, NULL, NULL);

-- change:
DELETE FROM whole WHERE ctid IN (SELECT ctid FROM whole WHERE c IS NULL LIMIT 1);
