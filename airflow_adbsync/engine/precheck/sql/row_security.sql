-- Of the given tables, those of which the account is shown some rows only.
SELECT n.nspname::text, c.relname::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY (%(oids)s::oid[]) AND c.relrowsecurity AND row_security_active(c.oid)
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
