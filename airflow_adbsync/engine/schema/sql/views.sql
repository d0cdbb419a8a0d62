-- The given views and materialized views.
SELECT c.oid::bigint,
       coalesce(c.reloptions, '{}')
       || ARRAY(SELECT 'toast.' || o FROM pg_catalog.pg_class t, unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid),
       c.relispopulated, pg_catalog.pg_get_viewdef(c.oid),
       coalesce((SELECT m.amname::text FROM pg_catalog.pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap'), '')
FROM pg_catalog.pg_class c WHERE c.oid = ANY (%(oids)s::oid[]) AND c.relkind IN ('v', 'm');
