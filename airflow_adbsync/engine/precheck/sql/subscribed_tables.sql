-- Of the given tables, those that an enabled subscription of this database fills.
SELECT s.subname::text, n.nspname::text, c.relname::text
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
JOIN pg_catalog.pg_subscription_rel r ON r.srrelid = c.oid
JOIN pg_catalog.pg_subscription s ON s.oid = r.srsubid AND s.subenabled
ORDER BY 1, 2, 3;
