-- Constraints of the given tables and domains. Those of partitions that follow from their root's are marked:
-- foreign keys come along by themselves, keys are made and attached. A NOT NULL belongs to its column unless it was never
-- validated (18).
SELECT CASE WHEN c.conrelid <> 0 THEN 'pg_class' ELSE 'pg_type' END,
       (CASE WHEN c.conrelid <> 0 THEN c.conrelid ELSE c.contypid END)::bigint, c.oid::bigint, c.conname::text, c.contype::text, pg_catalog.pg_get_constraintdef(c.oid), c.convalidated,
       c.conislocal, c.conparentid <> 0, c.conindid::bigint, c.confrelid::bigint,
       ARRAY(SELECT a.attname::text
             FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
             ORDER BY k.place),
       coalesce(j.x ->> 'conenforced', 'true')::bool, coalesce(j.x ->> 'conperiod', 'false')::bool
FROM pg_catalog.pg_constraint c
CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(c)) j (x)
WHERE (c.conrelid = ANY (%(tables)s::oid[]) OR c.contypid = ANY (%(types)s::oid[]))
  AND (c.contype IN ('c', 'p', 'u', 'x', 'f') OR (c.contype = 'n' AND c.conrelid <> 0 AND NOT c.convalidated))
ORDER BY c.conname COLLATE "C", c.oid;
