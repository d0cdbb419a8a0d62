-- How each column of the given tables is compressed where columns are stored apart (ENCODING; Greenplum doc: CREATE
-- TABLE), on a server of the Greenplum family only.
SELECT e.attrelid::bigint, a.attname::text, e.attoptions
FROM pg_catalog.pg_attribute_encoding e
JOIN pg_catalog.pg_attribute a ON a.attrelid = e.attrelid AND a.attnum = e.attnum AND NOT a.attisdropped
WHERE e.attrelid = ANY (%(oids)s::oid[])
ORDER BY e.attrelid, e.attnum;
