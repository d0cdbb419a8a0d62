-- Sequences that belong to a column: by OWNED BY (serial), or as part of an identity column.
SELECT d.objid::bigint, d.refobjid::bigint, a.attname::text, d.deptype = 'i' AS identity
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
  AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0;
