-- For each of the given tables a text that changes with its name, its columns, or the files that hold its rows;
-- and the numbers of its columns.
WITH RECURSIVE member (root, oid, relkind) AS (
    SELECT c.oid, c.oid, c.relkind FROM pg_catalog.pg_class c WHERE c.oid = ANY (%(oids)s::oid[])
    UNION ALL
    SELECT m.root, c.oid, c.relkind
    FROM member m
    JOIN pg_catalog.pg_inherits h ON h.inhparent = m.oid
    JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid
    WHERE m.relkind = 'p'
)
SELECT root.oid::bigint, md5(concat_ws('/', root.relnamespace, root.relname, root.relkind,
    (SELECT string_agg(concat_ws(':', m.oid, pg_catalog.pg_relation_filenode(m.oid)), ',' ORDER BY m.oid)
     FROM member m WHERE m.root = root.oid),
    (SELECT string_agg(a::text, ',' ORDER BY a.attnum)
     FROM pg_catalog.pg_attribute a WHERE a.attrelid = root.oid AND a.attnum > 0))),
    (SELECT coalesce(json_object_agg(a.attname::text, a.attnum), '{}')
     FROM pg_catalog.pg_attribute a WHERE a.attrelid = root.oid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_catalog.pg_class root
WHERE root.oid = ANY (%(oids)s::oid[]);
