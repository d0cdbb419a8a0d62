-- The schemas and their oids.
SELECT n.nspname::text, n.oid::bigint FROM pg_catalog.pg_namespace n;
