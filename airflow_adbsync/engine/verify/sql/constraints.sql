-- The constraints of the given tables, apart from NOT NULL, and whether they are known to hold.
SELECT n.nspname::text, c.relname::text, k.conname::text, k.contype::text, k.convalidated
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('c', 'f', 'p', 'u', 'x');
