-- The extensions whose files the server has.
SELECT name::text, coalesce(default_version, '?') FROM pg_catalog.pg_available_extensions;
