-- Values that divide a column's rows into even parts, by the last ANALYZE.
SELECT s.histogram_bounds::text::text[]
FROM pg_catalog.pg_stats s
JOIN pg_catalog.pg_class c ON c.relname = s.tablename
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = s.schemaname
WHERE c.oid = %(oid)s::bigint::oid AND s.attname = %(column)s
ORDER BY s.inherited DESC
LIMIT 1;
