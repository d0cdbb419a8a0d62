-- PostgreSQL: 001_rep_changes, 100_bugs
-- compares: written

-- there:
CREATE TABLE written (id int PRIMARY KEY, n int, u text UNIQUE);

-- rows:
INSERT INTO written SELECT n, n, 'u' || n FROM generate_series(1, 30) n;

-- change:
INSERT INTO written VALUES (1, 0, 'u1'), (40, 40, 'u40') ON CONFLICT (id) DO UPDATE SET n = -1, u = 'v1';

-- change:
INSERT INTO written VALUES (50, 1, 'u2') ON CONFLICT DO NOTHING;

-- change:
WITH gone AS (DELETE FROM written WHERE id < 10 RETURNING *) INSERT INTO written SELECT id + 100, n, u FROM gone;

-- change since 15:
MERGE INTO written w USING (SELECT generate_series(20, 45) AS id) s ON w.id = s.id
    WHEN MATCHED AND w.id % 2 = 0 THEN DELETE
    WHEN MATCHED THEN UPDATE SET n = 0
    WHEN NOT MATCHED THEN INSERT VALUES (s.id, 9, NULL);

-- change:
BEGIN;
SELECT FROM written FOR SHARE;
SAVEPOINT s;
SELECT FROM written FOR UPDATE;
UPDATE written SET n = n + 1 WHERE id > 100;
RELEASE s;
UPDATE written SET n = n + 1 WHERE id > 100;
COMMIT;
