-- Which of the given tables are there, what their replica identity is, and whether their former index is there.
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relreplident::text,
       EXISTS (SELECT FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
               WHERE x.indrelid = c.oid AND i.relname = g.former_index) AS has_former_index,
       rn.nspname::text AS root_schema, r.relname::text AS root_name
FROM unnest(%(schemas)s::text[], %(names)s::text[], %(indexes)s::text[]) AS g (schema_name, name, former_index)
JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = g.name AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_class r ON r.oid = coalesce(pg_catalog.pg_partition_root(c.oid), c.oid)
JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace;
