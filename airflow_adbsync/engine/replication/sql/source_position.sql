-- Where the source's log ends, its clock, and what the slot makes it keep. In psql, write %(slot_name)s as
-- 'adbsync_shop'. wal_status is there from PostgreSQL 13 on.
SELECT wal.lsn::text                                              AS lsn,
       pg_catalog.clock_timestamp()                               AS clock,
       pg_catalog.pg_wal_lsn_diff(wal.lsn, slot.restart_lsn)::bigint AS retained_bytes,
       pg_catalog.to_jsonb(slot) ->> 'wal_status'                 AS wal_status
FROM (SELECT pg_catalog.pg_current_wal_insert_lsn() AS lsn) AS wal
LEFT JOIN pg_catalog.pg_replication_slots AS slot ON slot.slot_name = %(slot_name)s;
