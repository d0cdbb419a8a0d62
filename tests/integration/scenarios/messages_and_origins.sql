-- PostgreSQL: 020_messages, 030_origin
-- compares: told

-- there:
CREATE TABLE told (id int PRIMARY KEY);

-- rows:
INSERT INTO told VALUES (1);

-- change:
SELECT pg_logical_emit_message(true, 'somebody''s', 'content');
INSERT INTO told VALUES (2);

-- change:
BEGIN;
INSERT INTO told VALUES (-1);
SELECT pg_logical_emit_message(false, 'now', 'x');
ROLLBACK;

-- change:
SELECT pg_replication_origin_create(current_database());

-- change:
SELECT pg_replication_origin_session_setup(current_database());
INSERT INTO told VALUES (3);

-- change:
SELECT pg_replication_origin_session_reset();

-- change:
SELECT pg_replication_origin_drop(current_database());
