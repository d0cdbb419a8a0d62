-- The indexes of the given tables, each a schema and a name in it.
SELECT n.nspname::text, c.relname::text, i.relname::text, x.indisvalid AND x.indisready, x.indisunique,
       x.indnkeyatts::int
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
JOIN pg_catalog.pg_index x ON x.indrelid = c.oid
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid;
