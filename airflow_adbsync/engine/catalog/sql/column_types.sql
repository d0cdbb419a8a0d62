-- The types of the given tables' columns, and every type that these are made of.
-- element: of an array; inner: a domain's base, a range's subtype, a multirange's range; fields: of a composite.
WITH RECURSIVE type AS (
    SELECT t.oid, t.typname, t.typtype, t.typsend <> 0 AND t.typreceive <> 0 AS transferable,
           coalesce((SELECT e.oid FROM pg_catalog.pg_type e
                     WHERE e.oid = t.typelem AND e.typarray = t.oid), 0::oid) AS element,
           CASE t.typtype
               WHEN 'd' THEN t.typbasetype
               WHEN 'r' THEN (SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid)
               WHEN 'm' THEN (SELECT d.refobjid FROM pg_catalog.pg_depend d
                              WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid
                                AND d.refclassid = 'pg_catalog.pg_type'::regclass AND d.deptype = 'i')
           END AS inner_type,
           ARRAY(SELECT a.atttypid FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
                ) AS fields
    FROM pg_catalog.pg_type t
), used (oid) AS (
    SELECT a.atttypid FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = ANY (%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT part.oid
    FROM used JOIN type ON type.oid = used.oid,
         unnest(type.fields || ARRAY[type.element, coalesce(type.inner_type, 0)]) AS part (oid)
    WHERE part.oid <> 0
)
SELECT type.oid::bigint, type.typname::text, type.typtype::text, type.transferable, type.element::bigint,
       coalesce(type.inner_type, 0)::bigint, type.fields::bigint[]
FROM type JOIN used ON used.oid = type.oid;
