-- How many rows the shop holds, as ANALYZE saw it.
SELECT coalesce(sum(c.reltuples), 0)::bigint
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname IN ('shop', 'Back Office') AND c.relkind = 'r' AND c.reltuples > 0;
