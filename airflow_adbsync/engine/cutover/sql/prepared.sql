-- Prepared transactions of this database: no session holds them, and their end is a write.
SELECT gid::text FROM pg_catalog.pg_prepared_xacts WHERE database = current_database() ORDER BY prepared;
