-- What hangs on tables or lies in schemas and is no part of what the phase carries.
-- Columns: kind, schema, name, the table that it is about (or 0), the table that it points to (or 0).
SELECT 'trigger', n.nspname::text, t.tgname::text, c.oid::bigint, 0::bigint
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal
UNION ALL
SELECT 'rule', n.nspname::text, r.rulename::text, c.oid::bigint, 0
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND r.oid >= 16384
UNION ALL
SELECT 'row security policy', n.nspname::text, p.polname::text, c.oid::bigint, 0
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
UNION ALL
SELECT 'foreign key', n.nspname::text, k.conname::text, c.oid::bigint, k.confrelid::bigint
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
UNION ALL
SELECT 'unvalidated NOT NULL', n.nspname::text, k.conname::text, c.oid::bigint, 0
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'n' AND NOT k.convalidated
UNION ALL
SELECT 'extended statistics', n.nspname::text, s.stxname::text, s.stxrelid::bigint, 0
FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
UNION ALL
SELECT 'operator', n.nspname::text, pg_catalog.quote_ident(n.nspname) || '.' || o.oprname, 0, 0
FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
                  AND d.classid = 'pg_catalog.pg_operator'::regclass AND d.objid = o.oid)
UNION ALL
SELECT 'operator class', n.nspname::text, o.opcname::text, 0, 0
FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
                  AND d.classid = 'pg_catalog.pg_opclass'::regclass AND d.objid = o.oid)
UNION ALL
SELECT 'cast', n.nspname::text,
       pg_catalog.format_type(k.castsource, NULL) || ' AS ' || pg_catalog.format_type(k.casttarget, NULL), 0, 0
FROM pg_catalog.pg_cast k
JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN k.castsource >= 16384 THEN k.castsource ELSE k.casttarget END
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE k.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype IN ('e', 'i')
                  AND d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = k.oid)
UNION ALL
SELECT 'collation', n.nspname::text, o.collname::text, 0, 0
FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
                  AND d.classid = 'pg_catalog.pg_collation'::regclass AND d.objid = o.oid)
UNION ALL
SELECT 'text search configuration', n.nspname::text, f.cfgname::text, 0, 0
FROM pg_catalog.pg_ts_config f JOIN pg_catalog.pg_namespace n ON n.oid = f.cfgnamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
                  AND d.classid = 'pg_catalog.pg_ts_config'::regclass AND d.objid = f.oid)
UNION ALL
SELECT 'text search dictionary', n.nspname::text, f.dictname::text, 0, 0
FROM pg_catalog.pg_ts_dict f JOIN pg_catalog.pg_namespace n ON n.oid = f.dictnamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
                  AND d.classid = 'pg_catalog.pg_ts_dict'::regclass AND d.objid = f.oid)
UNION ALL
SELECT 'SECURITY DEFINER function', n.nspname::text,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', 0, 0
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
                  AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid)
UNION ALL
SELECT 'privileges', n.nspname::text, 'those of ' || string_agg(DISTINCT pg_catalog.pg_get_userbyid(x.grantee), ', '),
       c.oid::bigint, 0
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
     pg_catalog.aclexplode(c.relacl) x
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND x.grantee NOT IN (0, c.relowner)
GROUP BY n.nspname, c.oid
ORDER BY 1, 2, 3, 4;
