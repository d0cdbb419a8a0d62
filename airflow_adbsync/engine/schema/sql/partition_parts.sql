-- What partitions have of their own, apart from rows: kind, name, the partition that has it. Needs an empty
-- search_path, so that expressions can be compared.
SELECT 'index', i.relname::text, c.oid::bigint
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_index x ON x.indrelid = c.oid
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
WHERE c.relispartition AND c.relkind IN ('r', 'p') AND x.indislive
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT CASE k.contype WHEN 'c' THEN 'check' WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique constraint'
                      WHEN 'x' THEN 'exclusion constraint' ELSE 'foreign key' END,
       k.conname::text, c.oid::bigint
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid
WHERE c.relispartition AND c.relkind IN ('r', 'p') AND k.contype IN ('c', 'p', 'u', 'x', 'f')
  AND k.conparentid = 0 AND k.coninhcount = 0
UNION ALL
-- Columns by name: their numbers may differ.
SELECT CASE WHEN a.attgenerated <> '' THEN 'generated column'
            WHEN d.value IS DISTINCT FROM rd.value THEN 'default' ELSE 'not null' END,
       a.attname::text, c.oid::bigint
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_attribute r ON r.attrelid = h.inhparent AND r.attname = a.attname
LEFT JOIN LATERAL (SELECT pg_catalog.pg_get_expr(e.adbin, e.adrelid) FROM pg_catalog.pg_attrdef e
                   WHERE e.adrelid = a.attrelid AND e.adnum = a.attnum) d (value) ON true
LEFT JOIN LATERAL (SELECT pg_catalog.pg_get_expr(e.adbin, e.adrelid) FROM pg_catalog.pg_attrdef e
                   WHERE e.adrelid = r.attrelid AND e.adnum = r.attnum) rd (value) ON true
WHERE c.relispartition AND c.relkind IN ('r', 'p')
  AND (d.value IS DISTINCT FROM rd.value OR a.attnotnull AND NOT r.attnotnull)
ORDER BY 3, 1, 2;
