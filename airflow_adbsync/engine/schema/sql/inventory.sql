-- Every object of a user's schemas that a sync could carry or that could stand in its way.
-- arguments: a routine's or an operator's, an operator class's access method, or the table that the object is on.
-- detail: a relation's persistence, a function's language, how a cast works.
-- owner: the table or view that the object is on, or 0. roles: those that it is for.
WITH member (classid, objid, extension) AS (
    SELECT d.classid, d.objid, e.extname
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
), object (catalog, classid, oid, namespace, name, kind, arguments, detail, is_partition, owner, roles) AS (
    SELECT 'pg_class', 'pg_catalog.pg_class'::regclass, c.oid, c.relnamespace, c.relname, c.relkind::text, '',
           c.relpersistence::text, c.relispartition, 0::oid, '{}'::text[]
    FROM pg_catalog.pg_class c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT 'pg_type', 'pg_catalog.pg_type'::regclass, t.oid, t.typnamespace, t.typname, t.typtype::text, '', '',
           false, 0, '{}'
    FROM pg_catalog.pg_type t
    WHERE t.typtype IN ('b', 'c', 'd', 'e', 'r', 'p')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)
      AND (t.typrelid = 0
           OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
    UNION ALL
    SELECT 'pg_proc', 'pg_catalog.pg_proc'::regclass, p.oid, p.pronamespace, p.proname, p.prokind::text,
           pg_catalog.pg_get_function_identity_arguments(p.oid), l.lanname::text, false, 0, '{}'
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    -- A range type's constructors come with the type.
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
    UNION ALL
    SELECT 'pg_operator', 'pg_catalog.pg_operator'::regclass, o.oid, o.oprnamespace, o.oprname, 'operator',
           CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprleft, NULL) END || ', '
           || CASE WHEN o.oprright = 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprright, NULL) END,
           '', false, 0, '{}'
    FROM pg_catalog.pg_operator o WHERE o.oprcode <> 0
    UNION ALL
    SELECT 'pg_opfamily', 'pg_catalog.pg_opfamily'::regclass, f.oid, f.opfnamespace, f.opfname, 'operator family',
           m.amname, '', false, 0, '{}'
    FROM pg_catalog.pg_opfamily f JOIN pg_catalog.pg_am m ON m.oid = f.opfmethod
    UNION ALL
    SELECT 'pg_opclass', 'pg_catalog.pg_opclass'::regclass, c.oid, c.opcnamespace, c.opcname, 'operator class',
           m.amname, '', false, 0, '{}'
    FROM pg_catalog.pg_opclass c JOIN pg_catalog.pg_am m ON m.oid = c.opcmethod
    UNION ALL
    -- A cast lies in no schema; it goes where its type lies.
    SELECT 'pg_cast', 'pg_catalog.pg_cast'::regclass, k.oid, t.typnamespace,
           pg_catalog.format_type(k.castsource, NULL) || ' AS ' || pg_catalog.format_type(k.casttarget, NULL), 'cast', '',
           k.castmethod::text, false, 0, '{}'
    FROM pg_catalog.pg_cast k
    JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN k.castsource >= 16384 THEN k.castsource ELSE k.casttarget END
    WHERE k.oid >= 16384
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = k.oid AND d.deptype = 'i')
    UNION ALL
    SELECT 'pg_collation', 'pg_catalog.pg_collation'::regclass, o.oid, o.collnamespace, o.collname, 'collation', '', '',
           false, 0, '{}'
    FROM pg_catalog.pg_collation o
    UNION ALL
    SELECT 'pg_ts_parser', 'pg_catalog.pg_ts_parser'::regclass, f.oid, f.prsnamespace, f.prsname, 'text search parser',
           '', '', false, 0, '{}'
    FROM pg_catalog.pg_ts_parser f
    UNION ALL
    SELECT 'pg_ts_template', 'pg_catalog.pg_ts_template'::regclass, f.oid, f.tmplnamespace, f.tmplname,
           'text search template', '', '', false, 0, '{}'
    FROM pg_catalog.pg_ts_template f
    UNION ALL
    SELECT 'pg_ts_dict', 'pg_catalog.pg_ts_dict'::regclass, f.oid, f.dictnamespace, f.dictname,
           'text search dictionary', '', '', false, 0, '{}'
    FROM pg_catalog.pg_ts_dict f
    UNION ALL
    SELECT 'pg_ts_config', 'pg_catalog.pg_ts_config'::regclass, f.oid, f.cfgnamespace, f.cfgname,
           'text search configuration', '', '', false, 0, '{}'
    FROM pg_catalog.pg_ts_config f
    UNION ALL
    SELECT 'pg_statistic_ext', 'pg_catalog.pg_statistic_ext'::regclass, s.oid, s.stxnamespace, s.stxname, 'statistics',
           '', '', false, s.stxrelid, '{}'
    FROM pg_catalog.pg_statistic_ext s
    UNION ALL
    -- A partition's trigger that its root's brings is none of its own; it was called internal before 15.
    SELECT 'pg_trigger', 'pg_catalog.pg_trigger'::regclass, t.oid, c.relnamespace, t.tgname, 'trigger',
           pg_catalog.format('%I.%I', n.nspname, c.relname), '', false, c.oid, '{}'
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND coalesce((pg_catalog.to_jsonb(t) ->> 'tgparentid')::oid, 0) = 0
    UNION ALL
    SELECT 'pg_rewrite', 'pg_catalog.pg_rewrite'::regclass, r.oid, c.relnamespace, r.rulename, 'rule',
           pg_catalog.format('%I.%I', n.nspname, c.relname), '', false, c.oid, '{}'
    FROM pg_catalog.pg_rewrite r
    JOIN pg_catalog.pg_class c ON c.oid = r.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE r.rulename <> '_RETURN' AND r.oid >= 16384
    UNION ALL
    SELECT 'pg_policy', 'pg_catalog.pg_policy'::regclass, p.oid, c.relnamespace, p.polname, 'policy',
           pg_catalog.format('%I.%I', n.nspname, c.relname), '', false, c.oid,
           ARRAY(SELECT a.rolname::text FROM pg_catalog.pg_roles a WHERE a.oid = ANY (p.polroles) ORDER BY 1)
    FROM pg_catalog.pg_policy p
    JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
)
SELECT o.catalog, o.oid::bigint, n.nspname::text, o.name::text, o.kind, o.arguments, o.detail, o.is_partition,
       o.owner::bigint, o.roles, m.extension::text
FROM object o
JOIN pg_catalog.pg_namespace n ON n.oid = o.namespace
LEFT JOIN member m ON m.classid = o.classid AND m.objid = o.oid
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'adbsync')
  AND n.nspname !~ '^pg_(toast|temp|aoseg|bitmapindex|ext_aux)'
ORDER BY n.nspname COLLATE "C", o.name COLLATE "C", o.arguments COLLATE "C";
