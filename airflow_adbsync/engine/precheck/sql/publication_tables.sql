-- Of the given tables, those that somebody else owns.
SELECT n.nspname::text, c.relname::text, pg_get_userbyid(c.relowner)::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY (%(oids)s::oid[]) AND NOT pg_has_role(c.relowner, 'USAGE')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
