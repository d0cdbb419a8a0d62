-- Who uses what of an extension, and which schema that is in: a type, a function, an operator, an operator class, ...
SELECT DISTINCT e.extname::text, x.nspname::text, s.relname::text, d.objid::bigint
FROM pg_catalog.pg_depend m
JOIN pg_catalog.pg_extension e ON e.oid = m.refobjid AND e.extname <> 'plpgsql'
JOIN pg_catalog.pg_namespace x ON x.oid = e.extnamespace
JOIN pg_catalog.pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid AND d.deptype IN ('n', 'a')
JOIN pg_catalog.pg_class s ON s.oid = d.classid
WHERE m.refclassid = 'pg_catalog.pg_extension'::regclass AND m.deptype = 'e'
UNION
-- an array of an extension's type is a part of that type, not of the extension
SELECT DISTINCT e.extname::text, x.nspname::text, s.relname::text, d.objid::bigint
FROM pg_catalog.pg_depend m
JOIN pg_catalog.pg_extension e ON e.oid = m.refobjid
JOIN pg_catalog.pg_namespace x ON x.oid = e.extnamespace
JOIN pg_catalog.pg_type t ON t.typelem = m.objid
JOIN pg_catalog.pg_depend d
  ON d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid = t.oid AND d.deptype = 'n'
JOIN pg_catalog.pg_class s ON s.oid = d.classid
WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.deptype = 'e'
ORDER BY 1, 2, 3, 4;
