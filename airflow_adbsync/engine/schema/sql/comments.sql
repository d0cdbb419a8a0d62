-- Comments on users' objects, and what COMMENT ON calls each. A column's is found by its table.
SELECT c.relname::text, d.objoid::bigint,
       CASE WHEN o.type LIKE '% column' THEN 'COLUMN'
            WHEN o.type IN ('table constraint', 'domain constraint') THEN 'CONSTRAINT'
            WHEN o.type = 'statistics object' THEN 'STATISTICS'
            ELSE upper(o.type)
       END,
       CASE o.type WHEN 'domain constraint'
            THEN (SELECT pg_catalog.quote_ident(k.conname) || ' ON DOMAIN ' || pg_catalog.format_type(k.contypid, NULL)
                  FROM pg_catalog.pg_constraint k WHERE k.oid = d.objoid)
            ELSE o.identity
       END,
       d.description
FROM pg_catalog.pg_description d
JOIN pg_catalog.pg_class c ON c.oid = d.classoid
CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classoid, d.objoid, d.objsubid) o
WHERE d.objoid >= 16384
  AND d.classoid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass,
                     'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_constraint'::regclass,
                     'pg_catalog.pg_namespace'::regclass, 'pg_catalog.pg_trigger'::regclass,
                     'pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass,
                     'pg_catalog.pg_statistic_ext'::regclass, 'pg_catalog.pg_operator'::regclass,
                     'pg_catalog.pg_opclass'::regclass, 'pg_catalog.pg_opfamily'::regclass,
                     'pg_catalog.pg_cast'::regclass, 'pg_catalog.pg_collation'::regclass,
                     'pg_catalog.pg_ts_dict'::regclass, 'pg_catalog.pg_ts_config'::regclass)
ORDER BY 3, 4;
