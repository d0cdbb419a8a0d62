-- The given range types. A multirange type goes with each since 14.
SELECT r.rngtypid::bigint, pg_catalog.format_type(r.rngsubtype, NULL),
       (SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.opcname)
        FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
        WHERE o.oid = r.rngsubopc AND NOT o.opcdefault),
       (SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.collname)
        FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace
        WHERE o.oid = r.rngcollation AND r.rngcollation <> t.typcollation),
       CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END,
       CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END,
       (SELECT m.typname::text FROM pg_catalog.pg_type m
        WHERE m.oid = (pg_catalog.to_jsonb(r) ->> 'rngmultitypid')::oid)
FROM pg_catalog.pg_range r JOIN pg_catalog.pg_type t ON t.oid = r.rngsubtype
WHERE r.rngtypid = ANY (%(oids)s::oid[]);
