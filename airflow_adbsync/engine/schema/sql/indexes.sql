-- Indexes of the given tables and materialized views; `of_constraint` ones are made by their constraint, and are
-- here because a partitioned index has to know its parts.
SELECT i.oid::bigint, x.indrelid::bigint, n.nspname::text, i.relname::text, pg_catalog.pg_get_indexdef(i.oid),
       EXISTS (SELECT FROM pg_catalog.pg_constraint c
               WHERE c.conindid = i.oid AND c.contype IN ('p', 'u', 'x')) AS of_constraint,
       coalesce((SELECT h.inhparent FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.oid), 0)::bigint,
       x.indisclustered,
       ARRAY(SELECT ARRAY[a.attnum, a.attstattarget] FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = i.oid AND a.attstattarget >= 0 ORDER BY a.attnum)
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace
WHERE x.indrelid = ANY (%(oids)s::oid[]) AND x.indislive AND (x.indisvalid OR i.relkind = 'I')
ORDER BY n.nspname COLLATE "C", i.relname COLLATE "C";
