-- Transactions of other sessions, of any database, that have written and have not ended, the oldest first.
-- Read from pg_locks, which everyone may read in full: each transaction holds a lock on its own id.
SELECT l.pid, a.usename::text, a.datname::text, a.application_name, a.state, a.xact_start, p.gid
FROM (SELECT DISTINCT ON (virtualtransaction) pid, transactionid FROM pg_catalog.pg_locks
      WHERE locktype = 'transactionid' AND granted AND mode = 'ExclusiveLock'
      ORDER BY virtualtransaction, age(transactionid) DESC) l
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
LEFT JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = l.transactionid
WHERE l.pid IS DISTINCT FROM pg_backend_pid()
ORDER BY age(l.transactionid) DESC
LIMIT 10;
