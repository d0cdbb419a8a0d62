-- The given domains.
SELECT t.oid::bigint, pg_catalog.format_type(t.typbasetype, t.typtypmod),
       (SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.collname)
        FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace
        WHERE o.oid = t.typcollation AND t.typcollation <> b.typcollation),
       t.typnotnull, coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 0), pg_catalog.quote_literal(t.typdefault)),
       coalesce((SELECT 'CONSTRAINT ' || pg_catalog.quote_ident(k.conname) || ' ' FROM pg_catalog.pg_constraint k
                 WHERE k.contypid = t.oid AND k.contype = 'n' AND k.conname <> t.typname || '_not_null'), '') || 'NOT NULL'
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
WHERE t.oid = ANY (%(oids)s::oid[]) AND t.typtype = 'd';
