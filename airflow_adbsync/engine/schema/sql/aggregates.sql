-- The given aggregates: what CREATE AGGREGATE takes, each value as it is written there, nulls left out.
SELECT a.aggfnoid::oid::bigint, pg_catalog.pg_get_function_arguments(a.aggfnoid::oid),
       pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
           'sfunc', a.aggtransfn::regproc::text,
           'stype', pg_catalog.format_type(a.aggtranstype, NULL),
           'sspace', nullif(a.aggtransspace, 0)::text,
           'finalfunc', nullif(a.aggfinalfn, 0)::regproc::text,
           'finalfunc_extra', CASE WHEN a.aggfinalextra THEN '' END,
           'finalfunc_modify', CASE WHEN a.aggfinalfn <> 0 THEN
               CASE a.aggfinalmodify WHEN 'r' THEN 'read_only' WHEN 's' THEN 'shareable' ELSE 'read_write' END END,
           'combinefunc', nullif(a.aggcombinefn, 0)::regproc::text,
           'serialfunc', nullif(a.aggserialfn, 0)::regproc::text,
           'deserialfunc', nullif(a.aggdeserialfn, 0)::regproc::text,
           'initcond', pg_catalog.quote_literal(a.agginitval),
           'msfunc', nullif(a.aggmtransfn, 0)::regproc::text,
           'minvfunc', nullif(a.aggminvtransfn, 0)::regproc::text,
           'mstype', CASE WHEN a.aggmtranstype <> 0 THEN pg_catalog.format_type(a.aggmtranstype, NULL) END,
           'msspace', nullif(a.aggmtransspace, 0)::text,
           'mfinalfunc', nullif(a.aggmfinalfn, 0)::regproc::text,
           'mfinalfunc_extra', CASE WHEN a.aggmfinalextra THEN '' END,
           'mfinalfunc_modify', CASE WHEN a.aggmfinalfn <> 0 THEN
               CASE a.aggmfinalmodify WHEN 'r' THEN 'read_only' WHEN 's' THEN 'shareable' ELSE 'read_write' END END,
           'minitcond', pg_catalog.quote_literal(a.aggminitval),
           'sortop', (SELECT 'OPERATOR(' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname || ')'
                      FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
                      WHERE o.oid = a.aggsortop),
           'hypothetical', CASE a.aggkind WHEN 'h' THEN '' END,
           'parallel', CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END))
FROM pg_catalog.pg_aggregate a JOIN pg_catalog.pg_proc p ON p.oid = a.aggfnoid
WHERE a.aggfnoid::oid = ANY (%(oids)s::oid[]);
