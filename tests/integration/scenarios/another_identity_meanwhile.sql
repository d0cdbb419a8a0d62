-- PostgreSQL: 001_rep_changes, 032_subscribe_use_index, 100_bugs
-- compares: known_by

-- there:
CREATE TABLE known_by (id int PRIMARY KEY, u int NOT NULL, n int);
CREATE UNIQUE INDEX known_by_u ON known_by (u);

-- rows:
INSERT INTO known_by SELECT n, n, n FROM generate_series(1, 30) n;

-- change:
UPDATE known_by SET n = 0 WHERE id < 5;
UPDATE known_by SET id = id + 100 WHERE id < 3;

-- change:
ALTER TABLE known_by REPLICA IDENTITY USING INDEX known_by_u;

-- change:
UPDATE known_by SET n = 1 WHERE id BETWEEN 4 AND 8;
UPDATE known_by SET u = u + 1000, id = -id WHERE id = 6;
DELETE FROM known_by WHERE id = 7;

-- change:
UPDATE known_by SET id = id + 300 WHERE id = 9;
ALTER TABLE known_by REPLICA IDENTITY FULL;
UPDATE known_by SET n = 3 WHERE id > 10;
DELETE FROM known_by WHERE id = 12;

-- change:
ALTER TABLE known_by REPLICA IDENTITY DEFAULT;
UPDATE known_by SET n = 9, id = id + 500 WHERE id > 20;

-- change:
ALTER TABLE known_by DROP CONSTRAINT known_by_pkey;
ALTER TABLE known_by REPLICA IDENTITY FULL;
INSERT INTO known_by VALUES (800, 800, 1);
UPDATE known_by SET n = 10;
