-- The columns of the given tables, and the fields of the given composite types. A NOT NULL that was never
-- validated (18 and newer) would refuse rows that the source holds.
SELECT CASE c.relkind WHEN 'c' THEN 'pg_type' ELSE 'pg_class' END,
       (CASE c.relkind WHEN 'c' THEN c.reltype ELSE c.oid END)::bigint, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod),
       (SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.collname)
        FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace
        WHERE o.oid = a.attcollation AND a.attcollation <> t.typcollation),
       a.attnotnull AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_constraint k
           WHERE k.conrelid = c.oid AND k.contype = 'n' AND NOT k.convalidated AND k.conkey = ARRAY[a.attnum]),
       a.attgenerated::text, a.attidentity::text, d.oid::bigint,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attislocal
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.oid = ANY (%(tables)s::oid[]) OR (c.relkind = 'c' AND c.reltype = ANY (%(types)s::oid[]))
ORDER BY c.oid, a.attnum;
