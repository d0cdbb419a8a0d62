-- Tables that other publications than the given one publish.
SELECT DISTINCT p.schemaname::text, p.tablename::text
FROM pg_catalog.pg_publication_tables p
WHERE p.pubname <> %(publication)s;
