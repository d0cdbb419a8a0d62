-- The server's table access methods.
SELECT amname::text FROM pg_catalog.pg_am WHERE amtype = 't' ORDER BY amname;
