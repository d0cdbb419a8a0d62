-- PostgreSQL: 013_partition
-- compares: tree
-- compares: flat_there
-- compares: flat_here

-- there:
CREATE TABLE tree (a int, b text, PRIMARY KEY (a)) PARTITION BY RANGE (a);
CREATE TABLE tree_1 PARTITION OF tree FOR VALUES FROM (0) TO (50);
CREATE TABLE tree_2 (gone int, b text, a int NOT NULL);
ALTER TABLE tree_2 DROP gone;
ALTER TABLE tree ATTACH PARTITION tree_2 FOR VALUES FROM (50) TO (100);
CREATE TABLE flat_there (a int PRIMARY KEY, b text);
CREATE TABLE flat_here (a int PRIMARY KEY, b text) PARTITION BY HASH (a);
CREATE TABLE flat_here_0 PARTITION OF flat_here FOR VALUES WITH (MODULUS 2, REMAINDER 0) PARTITION BY RANGE (a);
CREATE TABLE flat_here_0_0 PARTITION OF flat_here_0 DEFAULT;
CREATE TABLE flat_here_1 PARTITION OF flat_here FOR VALUES WITH (MODULUS 2, REMAINDER 1);

-- here:
CREATE TABLE tree (a int, b text, PRIMARY KEY (a)) PARTITION BY HASH (a);
CREATE TABLE tree_x PARTITION OF tree FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE tree_y PARTITION OF tree FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE flat_there (a int PRIMARY KEY, b text) PARTITION BY RANGE (a);
CREATE TABLE flat_there_1 PARTITION OF flat_there FOR VALUES FROM (0) TO (60);
CREATE TABLE flat_there_2 PARTITION OF flat_there FOR VALUES FROM (60) TO (5000);
CREATE TABLE flat_here (a int PRIMARY KEY, b text);

-- rows:
INSERT INTO tree SELECT n, 'x' FROM generate_series(0, 99) n;
INSERT INTO flat_there SELECT * FROM tree;
INSERT INTO flat_here SELECT * FROM tree;

-- change:
UPDATE tree SET a = a + 50 WHERE a = 0 + 1 AND NOT EXISTS (SELECT FROM tree WHERE a = 51);

-- change:
DELETE FROM tree_2 WHERE a = 60;
UPDATE tree SET a = 60, b = 'moved' WHERE a = 7;

-- change since 13:
CREATE TABLE tree_3 (b text, a int NOT NULL);
INSERT INTO tree VALUES (8, 'y') ON CONFLICT DO NOTHING;
ALTER TABLE tree ATTACH PARTITION tree_3 FOR VALUES FROM (100) TO (200);
INSERT INTO tree VALUES (150, 'in the new one');

-- change since 13:
UPDATE tree SET a = a + 90 WHERE a BETWEEN 30 AND 40;

-- change:
UPDATE flat_there SET a = a + 1000, b = NULL WHERE a % 7 = 0;
DELETE FROM flat_there WHERE a < 9;

-- change:
UPDATE flat_here SET a = a + 1000, b = NULL WHERE a % 7 = 0;
DELETE FROM flat_here_1;
