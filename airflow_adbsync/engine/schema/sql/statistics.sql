-- The given extended statistics: how they are made, with the target where there is one (13 and newer).
SELECT s.oid::bigint,
       pg_catalog.pg_get_statisticsobjdef(s.oid)
       || coalesce(';' || chr(10) || 'ALTER STATISTICS ' || pg_catalog.quote_ident(n.nspname) || '.'
                   || pg_catalog.quote_ident(s.stxname) || ' SET STATISTICS '
                   || nullif(pg_catalog.to_jsonb(s) ->> 'stxstattarget', '-1'), '')
FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
WHERE s.oid = ANY (%(oids)s::oid[]);
