-- How far the given sessions are with building an index (PostgreSQL doc: CREATE INDEX Progress Reporting).
SELECT p.pid, p.phase, p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total
FROM pg_catalog.pg_stat_progress_create_index p
WHERE p.pid = ANY (%(pids)s::int[]);
