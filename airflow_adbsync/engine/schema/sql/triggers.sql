-- The given triggers: their definition, whether they fire (pg_trigger.tgenabled), and what they are on.
SELECT t.oid::bigint, pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled::text, n.nspname::text, c.relname::text,
       c.relkind IN ('r', 'p')
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE t.oid = ANY (%(oids)s::oid[]);
