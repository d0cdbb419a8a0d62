-- What belongs to another object's definition: defaults, indexes, constraints other than foreign keys,
-- and members of an operator family that are in none of its classes.
SELECT 'pg_attrdef', d.oid::bigint, 'pg_class', d.adrelid::bigint FROM pg_catalog.pg_attrdef d
UNION ALL
SELECT 'pg_constraint', c.oid::bigint,
       CASE WHEN c.conrelid <> 0 THEN 'pg_class' ELSE 'pg_type' END,
       (CASE WHEN c.conrelid <> 0 THEN c.conrelid ELSE c.contypid END)::bigint
FROM pg_catalog.pg_constraint c WHERE c.contype IN ('c', 'n', 'p', 'u', 'x')
UNION ALL
SELECT 'pg_class', x.indexrelid::bigint, 'pg_class', x.indrelid::bigint
FROM pg_catalog.pg_index x WHERE x.indexrelid >= 16384
UNION ALL
SELECT s.relname::text, d.objid::bigint, 'pg_opfamily', d.refobjid::bigint
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.classid
WHERE d.classid IN ('pg_catalog.pg_amop'::regclass, 'pg_catalog.pg_amproc'::regclass)
  AND d.refclassid = 'pg_catalog.pg_opfamily'::regclass AND d.deptype = 'a';
