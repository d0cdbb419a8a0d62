-- The unique indexes of the given tables with their plain columns. Plain is one that has no WHERE and no expression,
-- whole one that besides has no column that may be NULL.
SELECT x.indrelid::bigint, x.indexrelid::bigint, i.relname::text,
       ARRAY(SELECT a.attname::text
             FROM generate_series(0, x.indnkeyatts - 1) AS place
             JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[place]
             ORDER BY place),
       x.indisprimary, x.indisreplident,
       x.indpred IS NULL AND x.indexprs IS NULL AND NOT EXISTS (
           SELECT FROM generate_series(0, x.indnkeyatts - 1) AS place
           JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[place]
           WHERE NOT a.attnotnull),
       x.indpred IS NULL AND x.indexprs IS NULL
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = ANY (%(oids)s::oid[]) AND x.indisunique AND x.indislive AND (x.indisvalid OR i.relkind = 'I')
ORDER BY x.indrelid, i.relname COLLATE "C";
