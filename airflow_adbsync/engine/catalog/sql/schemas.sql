-- The names of all schemas.
SELECT nspname::text FROM pg_catalog.pg_namespace ORDER BY nspname COLLATE "C";
