-- Columns by name, as ALTER TABLE needs them to add the same ones to a table that has rows already: `missing`
-- is the text of the value that rows from before have (PostgreSQL doc: pg_attribute.attmissingval), `filled`
-- tells that they may have values of which nothing is known.
SELECT a.attname::text,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       CASE WHEN a.attcollation <> t.typcollation
            THEN pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(c.collname) END,
       a.attnotnull,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid),
       CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END,
       a.attidentity <> '' OR (NOT a.atthasmissing AND (d.adbin IS NOT NULL OR a.attnotnull)) AS filled
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS r ON r.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_collation AS c ON c.oid = a.attcollation
LEFT JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.collnamespace
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE n.nspname = %(schema)s AND r.relname = %(table)s AND a.attname = ANY (%(columns)s)
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum;
