-- Bytes and rows of the given tables by the server's statistics; a partitioned root has its leaves' sum.
WITH RECURSIVE member (root, oid, relkind) AS (
    SELECT c.oid, c.oid, c.relkind FROM pg_catalog.pg_class c WHERE c.oid = ANY (%(oids)s::oid[])
    UNION ALL
    SELECT m.root, c.oid, c.relkind
    FROM member m
    JOIN pg_catalog.pg_inherits h ON h.inhparent = m.oid
    JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid
    WHERE m.relkind = 'p'
)
SELECT m.root::bigint,
       sum(coalesce(pg_catalog.pg_table_size(m.oid), 0))::bigint,
       sum(greatest(c.reltuples, 0))::bigint
FROM member m JOIN pg_catalog.pg_class c ON c.oid = m.oid
WHERE m.relkind <> 'p'
GROUP BY m.root;
