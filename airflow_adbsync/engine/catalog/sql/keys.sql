-- Indexes of the given tables that name one row: unique, valid, whole (no WHERE), on plain columns that are
-- all NOT NULL. Since 18 a NOT NULL may be there without being validated: that one doesn't count.
SELECT x.indrelid::bigint, i.relname::text, x.indisprimary, x.indimmediate,
       ARRAY(SELECT a.attname::text
             FROM generate_series(0, x.indnkeyatts - 1) AS place
             JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[place]
             ORDER BY place) AS columns
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = ANY (%(oids)s::oid[])
  AND x.indisunique AND x.indisvalid AND x.indisready AND x.indislive
  AND x.indpred IS NULL AND x.indexprs IS NULL
  AND NOT EXISTS (
      SELECT FROM generate_series(0, x.indnkeyatts - 1) AS place
      JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[place]
      WHERE NOT a.attnotnull
         OR EXISTS (SELECT FROM pg_catalog.pg_constraint c
                    WHERE c.conrelid = x.indrelid AND c.contype = 'n' AND NOT c.convalidated
                      AND c.conkey = ARRAY[a.attnum]))
ORDER BY x.indrelid, x.indisprimary DESC, i.relname COLLATE "C";
