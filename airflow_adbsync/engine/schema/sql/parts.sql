-- What belongs to another object's definition: defaults, indexes, and constraints other than foreign keys.
SELECT 'pg_attrdef', d.oid::bigint, 'pg_class', d.adrelid::bigint FROM pg_catalog.pg_attrdef d
UNION ALL
SELECT 'pg_constraint', c.oid::bigint,
       CASE WHEN c.conrelid <> 0 THEN 'pg_class' ELSE 'pg_type' END,
       (CASE WHEN c.conrelid <> 0 THEN c.conrelid ELSE c.contypid END)::bigint
FROM pg_catalog.pg_constraint c WHERE c.contype IN ('c', 'n', 'p', 'u', 'x')
UNION ALL
SELECT 'pg_class', x.indexrelid::bigint, 'pg_class', x.indrelid::bigint
FROM pg_catalog.pg_index x WHERE x.indexrelid >= 16384;
