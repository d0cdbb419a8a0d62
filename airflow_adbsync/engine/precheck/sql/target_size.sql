-- Bytes of all databases that the account may look into, and of those of the given tables that are there.
SELECT (SELECT coalesce(sum(pg_catalog.pg_database_size(oid)), 0)::bigint FROM pg_catalog.pg_database
        WHERE has_database_privilege(oid, 'CONNECT')),
       (SELECT coalesce(sum(pg_catalog.pg_total_relation_size(c.oid)), 0)::bigint
        FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
        JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name);
