-- The given functions, procedures and window functions.
SELECT p.oid::bigint, pg_catalog.pg_get_functiondef(p.oid)
FROM pg_catalog.pg_proc p WHERE p.oid = ANY (%(oids)s::oid[]) AND p.prokind IN ('f', 'p', 'w');
