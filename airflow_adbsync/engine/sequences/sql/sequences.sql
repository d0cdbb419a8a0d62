-- Every sequence outside the system's own schemas: its definition, the column that owns it (serial, identity),
-- and the tables whose defaults use it.
SELECT n.nspname::text, c.relname::text, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle,
       owner_n.nspname::text, owner.relname::text, a.attname::text,
       ARRAY(SELECT DISTINCT ARRAY[user_n.nspname::text, used_by.relname::text]
             FROM pg_catalog.pg_depend u
             JOIN pg_catalog.pg_attrdef ad ON ad.oid = u.objid
             JOIN pg_catalog.pg_class used_by ON used_by.oid = ad.adrelid
             JOIN pg_catalog.pg_namespace user_n ON user_n.oid = used_by.relnamespace
             WHERE u.classid = 'pg_catalog.pg_attrdef'::regclass
               AND u.refclassid = 'pg_catalog.pg_class'::regclass AND u.refobjid = c.oid) AS used_by
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend d
       ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_class owner ON owner.oid = d.refobjid
LEFT JOIN pg_catalog.pg_namespace owner_n ON owner_n.oid = owner.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'adbsync')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
