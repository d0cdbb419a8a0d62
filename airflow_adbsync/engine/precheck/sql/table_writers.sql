-- Sessions that hold a lock for writing on one of the given tables, and on which; not this one, not the sync's.
SELECT coalesce('prepared transaction ' || quote_literal(p.gid),
                'pid ' || l.pid || coalesce(' (' || a.usename || ', ' || nullif(a.application_name, '') || ')',
                                            ' (' || a.usename || ')', '')),
       array_agg(DISTINCT ARRAY[n.nspname::text, c.relname::text])
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
JOIN pg_catalog.pg_locks l ON l.locktype = 'relation' AND l.relation = c.oid AND l.granted
 AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
 AND l.mode = 'RowExclusiveLock'
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
LEFT JOIN pg_catalog.pg_prepared_xacts p ON l.pid IS NULL AND l.virtualtransaction = '-1/' || p.transaction::text
WHERE l.pid IS DISTINCT FROM pg_backend_pid() AND (l.pid IS NULL OR l.pid <> ALL (%(ours)s::int[]))
GROUP BY 1
ORDER BY 1;
