-- Sequences that the given tables own (serial, identity) or use in defaults, and that the account may not read.
SELECT DISTINCT n.nspname::text, s.relname::text
FROM (SELECT d.objid AS sequence
      FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
        AND d.refobjid = ANY (%(oids)s::oid[]) AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
      UNION
      SELECT d.refobjid
      FROM pg_catalog.pg_attrdef f
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid
      WHERE f.adrelid = ANY (%(oids)s::oid[]) AND d.refclassid = 'pg_catalog.pg_class'::regclass) AS used
JOIN pg_catalog.pg_class s ON s.oid = used.sequence AND s.relkind = 'S'
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
WHERE NOT has_table_privilege(s.oid, 'SELECT')
ORDER BY 1, 2;
