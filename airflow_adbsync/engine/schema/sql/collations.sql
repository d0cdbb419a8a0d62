-- The given collations, as CREATE COLLATION. What names the locale is called colliculocale in 15 and 16,
-- colllocale since 17, and was collcollate before; versions are the target's own.
SELECT o.oid::bigint,
       pg_catalog.format('CREATE COLLATION %%I.%%I (', n.nspname, o.collname)
       || concat_ws(', ',
           'provider = ' || CASE o.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
           CASE WHEN NOT coalesce((j.x ->> 'collisdeterministic')::bool, true) THEN 'deterministic = false' END,
           CASE WHEN o.collprovider <> 'c'
                THEN 'locale = ' || pg_catalog.quote_literal(coalesce(j.x ->> 'colllocale', j.x ->> 'colliculocale', j.x ->> 'collcollate'))
                WHEN j.x ->> 'collcollate' = j.x ->> 'collctype'
                THEN 'locale = ' || pg_catalog.quote_literal(j.x ->> 'collcollate')
                ELSE 'lc_collate = ' || pg_catalog.quote_literal(j.x ->> 'collcollate')
                     || ', lc_ctype = ' || pg_catalog.quote_literal(j.x ->> 'collctype') END,
           'rules = ' || pg_catalog.quote_literal(j.x ->> 'collicurules')) || ')'
FROM pg_catalog.pg_collation o
JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(o)) j (x)
WHERE o.oid = ANY (%(oids)s::oid[]);
