-- PostgreSQL: 011_generated, 100_bugs
-- compares: made
-- compares: made_keyless

-- there:
CREATE TABLE made (a int PRIMARY KEY, g int GENERATED ALWAYS AS (a * 2 + coalesce(c, 0)) STORED, c int);
CREATE TABLE made_keyless (a int, gone int, g int GENERATED ALWAYS AS (a * 2) STORED, c int);
ALTER TABLE made_keyless DROP gone;
ALTER TABLE made_keyless REPLICA IDENTITY FULL;

-- rows:
INSERT INTO made (a) VALUES (1), (2);
INSERT INTO made_keyless (a, c) VALUES (1, 1), (1, 1), (2, NULL);

-- change:
UPDATE made SET a = a + 10 WHERE a = 1;
UPDATE made SET c = 5;
INSERT INTO made (a) VALUES (3);

-- change:
UPDATE made_keyless SET c = 2 WHERE ctid = (SELECT min(ctid) FROM made_keyless);

-- change:
DELETE FROM made_keyless WHERE a = 2;
INSERT INTO made_keyless (a) VALUES (NULL);
