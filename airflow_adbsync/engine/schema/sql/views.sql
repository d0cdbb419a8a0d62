-- The given views and materialized views.
SELECT c.oid::bigint, coalesce(c.reloptions, '{}'), c.relispopulated, pg_catalog.pg_get_viewdef(c.oid)
FROM pg_catalog.pg_class c WHERE c.oid = ANY (%(oids)s::oid[]) AND c.relkind IN ('v', 'm');
