-- The sequences of the given schemas, the column that owns each, and the value that it gives next.
SELECT n.nspname::text, c.relname::text, owner_n.nspname::text, owner.relname::text, a.attname::text,
       concat('increment ', s.seqincrement, ', from ', s.seqmin, ' to ', s.seqmax,
              CASE WHEN s.seqcycle THEN ', cycles' ELSE '' END),
       s.seqincrement > 0, coalesce(pg_catalog.pg_sequence_last_value(c.oid) + s.seqincrement, s.seqstart)
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend d
       ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_class owner ON owner.oid = d.refobjid
LEFT JOIN pg_catalog.pg_namespace owner_n ON owner_n.oid = owner.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE n.nspname = ANY (%(schemas)s::text[]) AND c.relpersistence <> 't';
