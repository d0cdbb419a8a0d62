-- The shop's tables, each with its columns in the order of their names.
SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attname COLLATE "C")
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
WHERE n.nspname IN ('shop', 'Back Office') AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY n.nspname, c.relname
ORDER BY n.nspname, c.relname;
