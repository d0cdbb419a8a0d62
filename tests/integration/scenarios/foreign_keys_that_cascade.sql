-- PostgreSQL: 003_constraints
-- compares: parent
-- compares: child

-- there:
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (
    id int PRIMARY KEY,
    parent int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE,
    other int REFERENCES child ON DELETE SET NULL
);

-- rows:
INSERT INTO parent SELECT generate_series(1, 9);
INSERT INTO child SELECT n, 1 + n % 9, nullif(n - 1, 0) FROM generate_series(1, 27) n;

-- change:
UPDATE parent SET id = id + 100 WHERE id < 4;
DELETE FROM parent WHERE id IN (5, 6);

-- change:
INSERT INTO parent VALUES (50);
INSERT INTO child VALUES (50, 50, 50);

-- change:
DELETE FROM parent WHERE id = 50;
INSERT INTO parent VALUES (5);
