-- The given tables, apart from their columns.
SELECT c.oid::bigint, coalesce(c.reloptions, '{}'),
       CASE c.relkind WHEN 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
       pg_catalog.pg_get_expr(c.relpartbound, c.oid)
FROM pg_catalog.pg_class c
WHERE c.oid = ANY (%(oids)s::oid[]);
