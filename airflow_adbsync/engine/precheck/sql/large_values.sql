-- Of the given tables and their partitions, those whose TOAST table is above a limit: bytes in it for each row.
-- A value is not larger than its TOAST table, but for compression.
WITH RECURSIVE member (oid) AS (
    SELECT unnest(%(oids)s::oid[])
    UNION
    SELECT h.inhrelid FROM member m
    JOIN pg_catalog.pg_inherits h ON h.inhparent = m.oid
    JOIN pg_catalog.pg_class c ON c.oid = h.inhparent AND c.relkind = 'p'
)
SELECT n.nspname::text, c.relname::text, (toast.bytes / greatest(c.reltuples, 1)::float8)::bigint
FROM member m
JOIN pg_catalog.pg_class c ON c.oid = m.oid AND c.reltoastrelid <> 0
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.pg_relation_size(c.reltoastrelid)) AS toast (bytes)
WHERE toast.bytes > %(limit)s AND c.reltuples >= 0
ORDER BY 3 DESC, 1, 2;
