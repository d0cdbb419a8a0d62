-- The columns of the given tables with their numbers, which a column keeps under every name, and no other gets.
SELECT a.attrelid::bigint, json_object_agg(a.attname::text, a.attnum)
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = ANY (%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY a.attrelid;
