-- What roles other than the owner may do with users' objects, each role's rights on each object in one statement;
-- an empty role is PUBLIC. PUBLIC's rights to functions and types, which they have by default, may be taken away.
WITH object (catalog, oid, acl, owner, kind, identity, granted) AS (
    SELECT 'pg_class', c.oid, c.relacl, c.relowner, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
           pg_catalog.format('%I.%I', n.nspname, c.relname), false
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL
    SELECT 'pg_namespace', n.oid, n.nspacl, n.nspowner, 'SCHEMA', pg_catalog.quote_ident(n.nspname), false
    FROM pg_catalog.pg_namespace n
    UNION ALL
    SELECT 'pg_proc', p.oid, p.proacl, p.proowner, CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
           p.oid::regprocedure::text, true
    FROM pg_catalog.pg_proc p
    UNION ALL
    SELECT 'pg_type', t.oid, t.typacl, t.typowner, CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
           pg_catalog.format_type(t.oid, NULL), true
    FROM pg_catalog.pg_type t
), given (catalog, oid, owner, kind, identity, columns, grantee, privilege, grantable) AS (
    SELECT o.catalog, o.oid, o.owner, o.kind, o.identity, '', x.grantee, x.privilege_type, x.is_grantable
    FROM object o, pg_catalog.aclexplode(o.acl) x
    UNION ALL
    SELECT 'pg_class', c.oid, c.relowner, 'TABLE', pg_catalog.format('%I.%I', n.nspname, c.relname),
           ' (' || pg_catalog.quote_ident(a.attname) || ')', x.grantee, x.privilege_type, x.is_grantable
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
         pg_catalog.aclexplode(a.attacl) x
    WHERE c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
)
SELECT g.catalog, g.oid::bigint, lower(g.kind) || ' ' || g.identity, coalesce(r.rolname::text, ''),
       'GRANT ' || string_agg(g.privilege || g.columns, ', ' ORDER BY g.privilege, g.columns) || ' ON ' || g.kind || ' '
       || g.identity || ' TO ' || coalesce(pg_catalog.quote_ident(r.rolname), 'PUBLIC')
       || CASE WHEN g.grantable THEN ' WITH GRANT OPTION' ELSE '' END
FROM given g LEFT JOIN pg_catalog.pg_roles r ON r.oid = g.grantee
WHERE g.oid >= 16384 AND g.grantee <> g.owner AND (g.grantee = 0 OR r.oid IS NOT NULL)
  -- what PUBLIC has by default is not given again
  AND NOT (g.grantee = 0 AND g.catalog IN ('pg_proc', 'pg_type'))
GROUP BY g.catalog, g.oid, g.kind, g.identity, r.rolname, g.grantable
UNION ALL
SELECT o.catalog, o.oid::bigint, lower(o.kind) || ' ' || o.identity, '',
       'REVOKE ALL ON ' || o.kind || ' ' || o.identity || ' FROM PUBLIC'
FROM object o
WHERE o.oid >= 16384 AND o.granted AND o.acl IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(o.acl) x WHERE x.grantee = 0)
ORDER BY 1, 2, 4, 5;
