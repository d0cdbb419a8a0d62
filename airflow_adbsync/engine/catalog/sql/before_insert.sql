-- Whether a trigger fires before each row that is put into a table or its partitions, as things stand in this
-- session: it may drop the row. In psql, write %(oid)s as 'public.orders'::regclass.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_trigger AS t
    WHERE (t.tgrelid = %(oid)s
           OR t.tgrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree(%(oid)s)))
      -- TRIGGER_TYPE_ROW, _BEFORE and _INSERT (PostgreSQL: pg_trigger.h).
      AND t.tgtype & 7 = 7
      AND t.tgenabled IN ('A', CASE current_setting('session_replication_role') WHEN 'replica' THEN 'R' ELSE 'O' END));
