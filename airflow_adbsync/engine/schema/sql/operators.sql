-- The given operators, as CREATE OPERATOR. Partners that are not there yet are made as shells by the server.
SELECT o.oid::bigint,
       'CREATE OPERATOR ' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname || ' ('
       || concat_ws(', ',
           'FUNCTION = ' || o.oprcode::regproc::text,
           'LEFTARG = ' || pg_catalog.format_type(nullif(o.oprleft, 0), NULL),
           'RIGHTARG = ' || pg_catalog.format_type(nullif(o.oprright, 0), NULL),
           (SELECT 'COMMUTATOR = OPERATOR(' || pg_catalog.quote_ident(m.nspname) || '.' || p.oprname || ')'
            FROM pg_catalog.pg_operator p JOIN pg_catalog.pg_namespace m ON m.oid = p.oprnamespace
            WHERE p.oid = o.oprcom),
           (SELECT 'NEGATOR = OPERATOR(' || pg_catalog.quote_ident(m.nspname) || '.' || p.oprname || ')'
            FROM pg_catalog.pg_operator p JOIN pg_catalog.pg_namespace m ON m.oid = p.oprnamespace
            WHERE p.oid = o.oprnegate),
           'RESTRICT = ' || nullif(o.oprrest, 0)::regproc::text,
           'JOIN = ' || nullif(o.oprjoin, 0)::regproc::text,
           CASE WHEN o.oprcanhash THEN 'HASHES' END,
           CASE WHEN o.oprcanmerge THEN 'MERGES' END) || ')'
FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oid = ANY (%(oids)s::oid[]);
