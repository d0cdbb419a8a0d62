-- Who may write to these tables and to their partitions, as granted, columns too; grantee null is PUBLIC.
WITH RECURSIVE tables AS (
    SELECT c.oid, c.relnamespace, c.relname, c.relacl, c.relowner
    FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS w (schema_name, table_name)
    JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema_name
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name
    UNION
    SELECT c.oid, c.relnamespace, c.relname, c.relacl, c.relowner
    FROM tables t
    JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
    JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition
), granted AS (
    SELECT t.oid, NULL AS column_name, acl.*
    FROM tables t, LATERAL aclexplode(coalesce(t.relacl, acldefault('r', t.relowner))) AS acl
    UNION ALL
    SELECT t.oid, a.attname::text, acl.*
    FROM tables t
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped,
         LATERAL aclexplode(a.attacl) AS acl
)
SELECT n.nspname::text, t.relname::text, g.column_name, pg_get_userbyid(t.relowner)::text,
       pg_get_userbyid(g.grantor)::text,
       CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee)::text END,
       g.privilege_type, g.is_grantable
FROM granted g
JOIN tables t USING (oid)
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE g.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
ORDER BY 1, 2, 3 NULLS FIRST, 5, 6, 7;
