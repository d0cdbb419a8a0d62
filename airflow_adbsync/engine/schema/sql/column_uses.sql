-- Who needs which columns of the given tables: the object, the table, the column's name (PostgreSQL doc: pg_depend).
SELECT s.relname::text, d.objid::bigint, d.refobjid::bigint, a.attname::text
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class s ON s.oid = d.classid
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.refobjid = ANY (%(oids)s::oid[])
ORDER BY 1, 2, 3, 4;
