-- Other sessions that hold a lock on a table, the longest transaction first. What a session does is shown
-- to members of pg_read_all_stats only; the lock itself to everyone.
SELECT l.pid, a.usename::text, a.datname::text, a.application_name, a.state, a.xact_start, p.gid
FROM (SELECT DISTINCT pid, virtualtransaction FROM pg_catalog.pg_locks
      WHERE locktype = 'relation' AND granted AND relation = %(oid)s::oid
        AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())) l
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
LEFT JOIN pg_catalog.pg_prepared_xacts p ON l.pid IS NULL AND l.virtualtransaction = '-1/' || p.transaction::text
WHERE l.pid IS DISTINCT FROM pg_backend_pid()
ORDER BY a.xact_start NULLS LAST, l.pid;
