-- Of the given names, those that are taken on the target, and by what.
SELECT n.nspname::text, c.relname::text, c.relkind::text
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
