-- How the database stores text.
SELECT pg_encoding_to_char(encoding)::text FROM pg_catalog.pg_database WHERE datname = current_database();
