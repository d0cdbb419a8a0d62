-- PostgreSQL: 015_stream, 016_stream_subxact, 017_stream_ddl, 018_stream_subxact_abort, 019_stream_subxact_ddl_abort
-- compares: large
-- compares: overflown

-- there:
CREATE TABLE large (a int PRIMARY KEY, b text);
CREATE TABLE overflown (a int PRIMARY KEY, b int);

-- rows:
INSERT INTO large VALUES (1, 'foo'), (2, 'bar');
INSERT INTO overflown SELECT n, 0 FROM generate_series(1, 300) n;

-- change:
BEGIN;
INSERT INTO large SELECT n, md5(n::text) FROM generate_series(3, 500) n;
SAVEPOINT s1;
ALTER TABLE large ADD c int;
INSERT INTO large SELECT n, 'c', 1 FROM generate_series(501, 900) n;
SAVEPOINT s2;
UPDATE large SET c = 2, b = 'no';
ROLLBACK TO s1;
INSERT INTO large SELECT n, 'after' FROM generate_series(501, 600) n;
SAVEPOINT s3;
DELETE FROM large WHERE a % 2 = 0;
SAVEPOINT s4;
UPDATE large SET b = 'x' WHERE a % 3 = 0;
ROLLBACK TO s4;
INSERT INTO large VALUES (1000, 'nested');
RELEASE s3;
UPDATE large SET a = a + 5000 WHERE a < 100;
COMMIT;

-- change:
BEGIN;
TRUNCATE large;
INSERT INTO large VALUES (1, 'gone');
ROLLBACK;

-- change:
SELECT FROM large WHERE a = 1000 FOR UPDATE;

-- change:
DO $$ BEGIN
    FOR i IN 1..200 LOOP
        BEGIN
            UPDATE overflown SET b = b + i WHERE a BETWEEN i AND i + 2;
            IF i % 3 = 0 THEN RAISE 'taken back'; END IF;
        EXCEPTION WHEN raise_exception THEN NULL;
        END;
    END LOOP; END $$;
