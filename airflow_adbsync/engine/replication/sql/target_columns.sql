-- A table's columns as staging needs them: a domain comes down to its base type, for a staged row may
-- hold a NULL or half a row where the domain would not have it.
WITH RECURSIVE base AS (
    SELECT a.attrelid, a.attnum, a.atttypid AS type, a.atttypmod AS modifier, false AS is_domain
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = ANY (%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT b.attrelid, b.attnum, t.typbasetype, t.typtypmod, true
    FROM base AS b
    JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype = 'd'
)
SELECT a.attrelid::bigint,
       a.attname,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       b.type::bigint AS base_oid,
       b.modifier,
       CASE WHEN b.is_domain THEN pg_catalog.format_type(b.type, b.modifier) END AS base_type,
       a.attidentity <> 'a' AS settable
FROM pg_catalog.pg_attribute AS a
JOIN base AS b ON b.attrelid = a.attrelid AND b.attnum = a.attnum
JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype <> 'd'
WHERE a.attgenerated = ''
ORDER BY a.attrelid, a.attnum;
