-- The given tables that are not heap, with their engine and options.
SELECT c.oid::bigint, m.amname::text, coalesce(c.reloptions, '{}')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_am m ON m.oid = c.relam
WHERE c.oid = ANY (%(oids)s::oid[]) AND m.amtype = 't' AND m.amname <> 'heap';
