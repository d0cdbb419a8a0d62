-- Every object of a user's schemas that a sync could carry or that could stand in its way.
-- detail: a relation's persistence, a function's language.
WITH member (classid, objid, extension) AS (
    SELECT d.classid, d.objid, e.extname
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
), object (catalog, classid, oid, namespace, name, kind, arguments, detail, is_partition) AS (
    SELECT 'pg_class', 'pg_catalog.pg_class'::regclass, c.oid, c.relnamespace, c.relname, c.relkind::text, '',
           c.relpersistence::text, c.relispartition
    FROM pg_catalog.pg_class c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT 'pg_type', 'pg_catalog.pg_type'::regclass, t.oid, t.typnamespace, t.typname, t.typtype::text, '', '',
           false
    FROM pg_catalog.pg_type t
    WHERE t.typtype IN ('b', 'c', 'd', 'e', 'r', 'p')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)
      AND (t.typrelid = 0
           OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
    UNION ALL
    SELECT 'pg_proc', 'pg_catalog.pg_proc'::regclass, p.oid, p.pronamespace, p.proname, p.prokind::text,
           pg_catalog.pg_get_function_identity_arguments(p.oid), l.lanname::text, false
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    -- A range type's constructors come with the type.
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
)
SELECT o.catalog, o.oid::bigint, n.nspname::text, o.name::text, o.kind, o.arguments, o.detail, o.is_partition,
       m.extension::text
FROM object o
JOIN pg_catalog.pg_namespace n ON n.oid = o.namespace
LEFT JOIN member m ON m.classid = o.classid AND m.objid = o.oid
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'adbsync')
  AND n.nspname !~ '^pg_(toast|temp|aoseg|bitmapindex|ext_aux)'
ORDER BY n.nspname COLLATE "C", o.name COLLATE "C", o.arguments COLLATE "C";
