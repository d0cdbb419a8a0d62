-- The given sequences' options.
SELECT s.seqrelid::bigint, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
       s.seqcache, s.seqcycle
FROM pg_catalog.pg_sequence s WHERE s.seqrelid = ANY (%(oids)s::oid[]);
