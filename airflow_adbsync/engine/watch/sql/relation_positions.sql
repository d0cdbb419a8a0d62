-- How far a sync's tables are. In psql, write %(sync_id)s as 'shop', and %(schemas)s and %(tables)s as null
-- for all of them, or as arrays of the same length.
SELECT relation.schema_name,
       relation.table_name,
       relation.generation,
       relation.rows,
       relation.bytes,
       relation.changed_lsn::text AS changed_lsn,
       relation.changed_rows,
       progress.lsn::text         AS applied
FROM adbsync.relation AS relation
JOIN adbsync.progress AS progress USING (sync_id)
WHERE relation.sync_id = %(sync_id)s
  AND (%(schemas)s::text[] IS NULL
       OR (relation.schema_name, relation.table_name)
          IN (SELECT * FROM unnest(%(schemas)s::text[], %(tables)s::text[])))
ORDER BY relation.schema_name, relation.table_name;
