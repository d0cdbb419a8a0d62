-- The given tables, apart from their columns. Options of a table's TOAST table are said with it.
SELECT c.oid::bigint,
       coalesce(c.reloptions, '{}')
       || ARRAY(SELECT 'toast.' || o FROM pg_catalog.pg_class t, unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid),
       CASE c.relkind WHEN 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
       pg_catalog.pg_get_expr(c.relpartbound, c.oid),
       coalesce((SELECT m.amname::text FROM pg_catalog.pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap'), ''),
       CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) ELSE '' END,
       c.relrowsecurity, c.relforcerowsecurity
FROM pg_catalog.pg_class c
WHERE c.oid = ANY (%(oids)s::oid[]);
