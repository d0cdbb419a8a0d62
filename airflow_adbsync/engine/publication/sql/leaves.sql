-- The leaves of those of the given tables that are partitioned, and whether the publication names them; a
-- table without leaves has one line without any.
SELECT n.nspname::text, c.relname::text, c.oid::bigint, parts.nspname::text, leaf.relname::text, leaf.oid::bigint,
       EXISTS (SELECT FROM pg_catalog.pg_publication p
               LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid
               WHERE p.pubname = %(publication)s AND (p.puballtables OR r.prrelid = leaf.oid)) AS is_published,
       coalesce(leaf.relreplident = 'd' AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = leaf.oid AND i.indisprimary), false) AS is_keyless
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name AND c.relkind = 'p'
LEFT JOIN LATERAL (
    SELECT l.oid, l.relname, l.relnamespace, l.relreplident
    FROM pg_catalog.pg_partition_tree(c.oid) tree
    JOIN pg_catalog.pg_class l ON l.oid = tree.relid
    WHERE tree.isleaf AND l.relkind = 'r'
) leaf ON true
LEFT JOIN pg_catalog.pg_namespace parts ON parts.oid = leaf.relnamespace
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", parts.nspname COLLATE "C", leaf.relname COLLATE "C";
