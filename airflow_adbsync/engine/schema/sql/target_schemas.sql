-- The schemas that are there already.
SELECT nspname::text FROM pg_catalog.pg_namespace ORDER BY nspname COLLATE "C";
