-- The given text search configurations, with which dictionaries look at which kinds of token.
SELECT c.oid::bigint,
       pg_catalog.format('CREATE TEXT SEARCH CONFIGURATION %%I.%%I (PARSER = %%I.%%I)', n.nspname, c.cfgname,
                         pn.nspname, p.prsname)
       || coalesce((
           SELECT string_agg(pg_catalog.format(
                      E';\nALTER TEXT SEARCH CONFIGURATION %%I.%%I ADD MAPPING FOR %%I WITH %%s', n.nspname, c.cfgname,
                      k.alias, g.dictionaries), '' ORDER BY g.maptokentype)
           FROM (SELECT m.maptokentype, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
                 FROM pg_catalog.pg_ts_config_map m WHERE m.mapcfg = c.oid GROUP BY m.maptokentype) g
           JOIN pg_catalog.ts_token_type(c.cfgparser) k ON k.tokid = g.maptokentype), '')
FROM pg_catalog.pg_ts_config c
JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace
WHERE c.oid = ANY (%(oids)s::oid[]);
