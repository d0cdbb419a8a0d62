-- What hangs on tables or lies in schemas and is not carried, or not everywhere, or not as it is.
-- Columns: kind, schema, name, the table that it is about (or 0), the table that it points to (or 0).
WITH constraint_ (kind, namespace, name, relation, referenced) AS (
    SELECT unnest(ARRAY[
               CASE WHEN k.contype = 'f' AND k.conparentid = 0 THEN 'foreign key' END,
               CASE WHEN k.contype = 'n' AND NOT k.convalidated THEN 'unvalidated NOT NULL' END,
               CASE WHEN NOT (j.x ->> 'conenforced')::bool THEN 'unenforced constraint' END,
               CASE WHEN (j.x ->> 'conperiod')::bool THEN 'temporal constraint' END]),
           c.relnamespace, k.conname, c.oid, k.confrelid
    FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
    CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(k)) j (x)
    WHERE k.oid >= 16384
)
SELECT k.kind, n.nspname::text, k.name::text, k.relation::bigint, k.referenced::bigint
FROM constraint_ k JOIN pg_catalog.pg_namespace n ON n.oid = k.namespace
WHERE k.kind IS NOT NULL
UNION ALL
SELECT 'virtual generated column', n.nspname::text, a.attname::text, c.oid::bigint, 0
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE a.attgenerated = 'v' AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
UNION ALL
SELECT 'access method', n.nspname::text, m.amname::text, c.oid::bigint, 0
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_am m ON m.oid = c.relam
WHERE c.relkind IN ('r', 'p', 'm') AND m.amname <> 'heap' AND c.oid >= 16384
UNION ALL
SELECT 'NULLS NOT DISTINCT key', n.nspname::text, c.relname::text, i.indrelid::bigint, 0
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(i)) j (x)
WHERE i.indisunique AND (j.x ->> 'indnullsnotdistinct')::bool
UNION ALL
SELECT 'multirange column', n.nspname::text, a.attname::text, c.oid::bigint, 0
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE t.typtype = 'm' AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
UNION ALL
SELECT 'function with an SQL body', n.nspname::text,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', 0, 0
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(p)) j (x)
WHERE p.oid >= 16384 AND j.x ->> 'prosqlbody' IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
                  AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid)
UNION ALL
SELECT 'event trigger', n.nspname::text, e.evtname::text, 0, 0
FROM pg_catalog.pg_event_trigger e
JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
                  AND d.classid = 'pg_catalog.pg_event_trigger'::regclass AND d.objid = e.oid)
UNION ALL
SELECT 'SECURITY DEFINER function', n.nspname::text,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', 0, 0
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
                  AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid)
UNION ALL
SELECT DISTINCT 'privileges', n.nspname::text, pg_catalog.pg_get_userbyid(x.grantee)::text, c.oid::bigint, 0
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
     pg_catalog.aclexplode(c.relacl) x
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND x.grantee NOT IN (0, c.relowner)
ORDER BY 1, 2, 3, 4;
