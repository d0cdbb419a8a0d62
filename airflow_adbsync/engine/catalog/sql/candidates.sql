-- Every table, and what could be taken for one, outside the system's own schemas.
SELECT c.oid::bigint
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'adbsync')
  AND n.nspname !~ '^pg_(toast|temp|aoseg|bitmapindex|ext_aux)';
