-- Comments on users' objects, and what COMMENT ON calls each. A column's is found by its table.
SELECT c.relname::text, d.objoid::bigint,
       CASE WHEN o.type LIKE '% column' THEN 'COLUMN'
            WHEN o.type = 'table constraint' THEN 'CONSTRAINT'
            ELSE upper(o.type)
       END,
       o.identity, d.description
FROM pg_catalog.pg_description d
JOIN pg_catalog.pg_class c ON c.oid = d.classoid
CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classoid, d.objoid, d.objsubid) o
WHERE d.objoid >= 16384
  AND d.classoid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass,
                     'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_constraint'::regclass)
  AND o.type <> 'domain constraint'
ORDER BY 3, 4;
