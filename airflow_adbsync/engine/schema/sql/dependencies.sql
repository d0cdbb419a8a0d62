-- Who needs whom among users' objects (PostgreSQL doc: pg_depend). A sequence needs the column that owns it
-- only to be dropped with it, so that is left out.
SELECT s.relname::text, d.objid::bigint, r.relname::text, d.refobjid::bigint, d.deptype = 'i' AS internal
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class s ON s.oid = d.classid
JOIN pg_catalog.pg_class r ON r.oid = d.refclassid
WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype IN ('n', 'a', 'i')
  AND d.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass,
                    'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_constraint'::regclass,
                    'pg_catalog.pg_attrdef'::regclass, 'pg_catalog.pg_rewrite'::regclass,
                    'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_policy'::regclass,
                    'pg_catalog.pg_statistic_ext'::regclass, 'pg_catalog.pg_operator'::regclass,
                    'pg_catalog.pg_opclass'::regclass, 'pg_catalog.pg_opfamily'::regclass,
                    'pg_catalog.pg_amop'::regclass, 'pg_catalog.pg_amproc'::regclass,
                    'pg_catalog.pg_cast'::regclass, 'pg_catalog.pg_collation'::regclass,
                    'pg_catalog.pg_ts_dict'::regclass, 'pg_catalog.pg_ts_config'::regclass,
                    'pg_catalog.pg_ts_parser'::regclass, 'pg_catalog.pg_ts_template'::regclass)
  AND d.refclassid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass,
                       'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_constraint'::regclass,
                       'pg_catalog.pg_operator'::regclass, 'pg_catalog.pg_opclass'::regclass,
                       'pg_catalog.pg_opfamily'::regclass, 'pg_catalog.pg_collation'::regclass,
                       'pg_catalog.pg_ts_dict'::regclass, 'pg_catalog.pg_ts_config'::regclass,
                       'pg_catalog.pg_ts_parser'::regclass, 'pg_catalog.pg_ts_template'::regclass)
  AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'a'
           AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = d.objid AND c.relkind = 'S'))
ORDER BY 1, 2, 3, 4, 5;
