-- The given casts, as CREATE CAST.
SELECT k.oid::bigint,
       'CREATE CAST (' || pg_catalog.format_type(k.castsource, NULL) || ' AS '
       || pg_catalog.format_type(k.casttarget, NULL) || ') '
       || CASE k.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || k.castfunc::regprocedure::text
                            WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END
       || CASE k.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END
FROM pg_catalog.pg_cast k WHERE k.oid = ANY (%(oids)s::oid[]);
