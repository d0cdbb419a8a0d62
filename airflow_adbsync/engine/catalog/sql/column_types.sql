-- The types of the given tables' columns, other given types, and every type that these are made of.
-- element: of an array; inner: a domain's base, a range's subtype, a multirange's range; fields: of a composite.
WITH RECURSIVE used (oid) AS (
    -- One query and no UNION, over which Greenplum's planner stumbles here.
    SELECT first.oid FROM unnest(%(types)s::oid[] || ARRAY(
        SELECT DISTINCT a.atttypid FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = ANY (%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped)) AS first (oid)
    UNION
    SELECT part.oid
    FROM used
    JOIN pg_catalog.pg_type t ON t.oid = used.oid
    CROSS JOIN LATERAL (
        SELECT t.typelem
        UNION ALL
        SELECT t.typbasetype
        UNION ALL
        SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid
        UNION ALL
        SELECT d.refobjid FROM pg_catalog.pg_depend d
        WHERE t.typtype = 'm' AND d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid
          AND d.refclassid = 'pg_catalog.pg_type'::regclass AND d.deptype = 'i'
        UNION ALL
        SELECT a.atttypid FROM pg_catalog.pg_attribute a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS part (oid)
    WHERE part.oid <> 0
)
SELECT t.oid::bigint, t.typname::text, t.typtype::text, t.typsend <> 0 AND t.typreceive <> 0 AS transferable,
       coalesce((SELECT e.oid FROM pg_catalog.pg_type e
                 WHERE e.oid = t.typelem AND e.typarray = t.oid), 0)::bigint AS element,
       coalesce(CASE t.typtype
           WHEN 'd' THEN t.typbasetype
           WHEN 'r' THEN (SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid)
           WHEN 'm' THEN (SELECT d.refobjid FROM pg_catalog.pg_depend d
                          WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid
                            AND d.refclassid = 'pg_catalog.pg_type'::regclass AND d.deptype = 'i')
       END, 0)::bigint AS inner_type,
       ARRAY(SELECT a.atttypid::bigint FROM pg_catalog.pg_attribute a
             WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS fields
FROM pg_catalog.pg_type t JOIN used ON used.oid = t.oid;
