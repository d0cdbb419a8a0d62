-- The given text search dictionaries; their options are kept as they are written.
SELECT f.oid::bigint,
       pg_catalog.format('CREATE TEXT SEARCH DICTIONARY %%I.%%I (TEMPLATE = %%I.%%I%%s)', n.nspname, f.dictname,
                         tn.nspname, t.tmplname, ', ' || f.dictinitoption)
FROM pg_catalog.pg_ts_dict f
JOIN pg_catalog.pg_namespace n ON n.oid = f.dictnamespace
JOIN pg_catalog.pg_ts_template t ON t.oid = f.dicttemplate JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE f.oid = ANY (%(oids)s::oid[]);
