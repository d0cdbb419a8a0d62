-- The foreign keys between the given tables; those of partitions are their root's. The last column tells whether
-- one acts when the row that it refers to changes: CASCADE, SET NULL, SET DEFAULT.
SELECT n.nspname::text, c.relname::text, k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd')
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
  AND k.conrelid = ANY (%(oids)s::oid[]) AND k.confrelid = ANY (%(oids)s::oid[]);
