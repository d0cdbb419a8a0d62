-- What each of the given tables, and each leaf of the partitioned ones, writes of an old row to the log.
-- identity_columns are those by which it can be found again: none under NOTHING, none where the index that
-- should name them is gone or is deferrable, which the server doesn't use for this.
WITH chosen AS (
    SELECT unnest(%(oids)s::oid[]) AS root
), members AS (
    SELECT root, root AS member FROM chosen
    UNION
    SELECT chosen.root, tree.relid::oid
    FROM chosen
    JOIN pg_catalog.pg_class c ON c.oid = chosen.root AND c.relkind = 'p'
    CROSS JOIN LATERAL pg_catalog.pg_partition_tree(c.oid) tree
    WHERE tree.isleaf
)
SELECT c.oid::bigint, m.root::bigint, n.nspname::text, c.relname::text, c.relreplident::text,
       i.relname::text AS identity_index,
       ARRAY(SELECT a.attname::text
             FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum = ANY ((x.indkey::int2[])[0:x.indnkeyatts - 1])
             ORDER BY a.attnum) AS identity_columns,
       pg_has_role(c.relowner, 'USAGE') AS owned
FROM members m
JOIN pg_catalog.pg_class c ON c.oid = m.member AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index x
       ON x.indrelid = c.oid AND x.indisvalid AND x.indimmediate
      AND (c.relreplident = 'd' AND x.indisprimary OR c.relreplident = 'i' AND x.indisreplident)
LEFT JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid AND c.relreplident = 'i'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
