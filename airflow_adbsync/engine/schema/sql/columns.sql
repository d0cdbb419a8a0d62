-- The columns of the given tables, views and materialized views, and the fields of the given composite types.
-- A NOT NULL that was never validated (18 and newer) would refuse rows that the source holds. `settings` are what
-- differs from what the type says; a statistics target is null since 17 where it was -1.
SELECT CASE c.relkind WHEN 'c' THEN 'pg_type' ELSE 'pg_class' END,
       (CASE c.relkind WHEN 'c' THEN c.reltype ELSE c.oid END)::bigint, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod),
       (SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.collname)
        FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace
        WHERE o.oid = a.attcollation AND a.attcollation <> t.typcollation),
       a.attnotnull AND coalesce(k.convalidated, true),
       a.attgenerated::text, a.attidentity::text, d.oid::bigint,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attislocal,
       CASE WHEN k.conname <> c.relname || '_' || a.attname || '_not_null'
            THEN 'CONSTRAINT ' || pg_catalog.quote_ident(k.conname) || ' ' ELSE '' END
       || 'NOT NULL' || CASE WHEN k.connoinherit THEN ' NO INHERIT' ELSE '' END,
       coalesce(k.conislocal AND k.convalidated, false),
       ARRAY(SELECT e.action FROM (VALUES
           (CASE WHEN a.attstorage <> t.typstorage AND c.relkind <> 'v' THEN
                'SET STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
                                                    WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END),
           ('SET STATISTICS ' || nullif(a.attstattarget, -1)),
           ('SET (' || array_to_string(a.attoptions, ', ') || ')')) e (action)
             WHERE e.action IS NOT NULL AND c.relkind <> 'c'),
       CASE a.compression WHEN 'p' THEN 'SET COMPRESSION pglz' WHEN 'l' THEN 'SET COMPRESSION lz4' ELSE '' END
FROM pg_catalog.pg_class c
-- a column that the server does not have yet is found in `absent`
CROSS JOIN (SELECT ''::"char" AS attcompression) absent
CROSS JOIN LATERAL (SELECT attcompression AS compression, b.attrelid, b.attnum, b.attname, b.atttypid, b.atttypmod,
                           b.attcollation, b.attnotnull, b.attgenerated, b.attidentity, b.attislocal, b.attstorage,
                           b.attstattarget, b.attoptions
                    FROM pg_catalog.pg_attribute b
                    WHERE b.attrelid = c.oid AND b.attnum > 0 AND NOT b.attisdropped) a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_constraint k
  ON k.conrelid = c.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND a.attnotnull
WHERE c.oid = ANY (%(relations)s::oid[]) OR (c.relkind = 'c' AND c.reltype = ANY (%(types)s::oid[]))
ORDER BY c.oid, a.attnum;
