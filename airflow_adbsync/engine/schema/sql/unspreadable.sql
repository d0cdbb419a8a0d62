-- Columns of the given tables' unique indexes by which no segment can be chosen: their types have no equality that
-- hashes. Composite types have one since 14 only, which is newer than the family's kernels.
WITH RECURSIVE named AS (
    SELECT DISTINCT a.attrelid, a.attname, a.atttypid AS type
    FROM pg_catalog.pg_index x
    JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey::int2[])
    WHERE x.indrelid = ANY (%(oids)s::oid[]) AND x.indisunique AND a.attnum > 0
), base AS (
    SELECT * FROM named
    UNION ALL
    SELECT b.attrelid, b.attname, CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END
    FROM base b
    JOIN pg_catalog.pg_type t ON t.oid = b.type
    WHERE t.typtype = 'd' OR t.typlen = -1 AND t.typcategory = 'A' AND t.typelem <> 0
)
SELECT DISTINCT b.attrelid::bigint, b.attname::text
FROM base b
JOIN pg_catalog.pg_type t ON t.oid = b.type
WHERE t.typtype = 'c' OR t.typtype = 'b' AND t.typcategory <> 'A' AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_opclass o
    JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod AND m.amname = 'hash'
    WHERE o.opcdefault AND (o.opcintype = t.oid OR EXISTS (
        SELECT FROM pg_catalog.pg_cast c
        WHERE c.castsource = t.oid AND c.casttarget = o.opcintype AND c.castmethod = 'b' AND c.castcontext = 'i')))
ORDER BY 1, 2;
