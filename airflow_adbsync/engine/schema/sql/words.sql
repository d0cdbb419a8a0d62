-- Names that mean something to the server wherever they stand: keywords, its own types and functions.
SELECT k.word FROM pg_catalog.pg_get_keywords() k
UNION SELECT t.typname::text FROM pg_catalog.pg_type t WHERE t.typnamespace = 'pg_catalog'::regnamespace
UNION SELECT p.proname::text FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace;
