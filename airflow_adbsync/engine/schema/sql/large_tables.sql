-- Tables and materialized views with more than a few megabytes. On segments a size is dear to ask for, so there
-- the planner's statistics must do.
SELECT n.nspname::text, c.relname::text, s.bytes::bigint
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN (SELECT count(*) > 0 FROM pg_catalog.pg_settings WHERE name = 'gp_server_version') g (segments)
CROSS JOIN LATERAL (SELECT CASE WHEN g.segments THEN c.relpages::bigint * 32768
                                ELSE pg_catalog.pg_relation_size(c.oid) END) s (bytes)
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'adbsync')
  AND n.nspname !~ '^pg_(toast|temp|aoseg|bitmapindex|ext_aux)' AND s.bytes > 4 * 1024 * 1024;
