-- The given rules: their definition, whether they fire (pg_rewrite.ev_enabled), and what they are on.
SELECT r.oid::bigint, pg_catalog.pg_get_ruledef(r.oid), r.ev_enabled::text, n.nspname::text, c.relname::text,
       c.relkind IN ('r', 'p')
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.oid = ANY (%(oids)s::oid[]);
