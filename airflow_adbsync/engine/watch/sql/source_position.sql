-- Where the source's log ends, its clock, and what the slot makes it keep. In psql, write %(slot_name)s as
-- 'adbsync_shop'. The clock is read before the log's end: what had committed by then lies below that.
-- wal_status and safe_wal_size are there from PostgreSQL 13 on, invalidation_reason from 17.
SELECT wal.lsn::text                                              AS lsn,
       now.clock                                                  AS clock,
       pg_catalog.pg_wal_lsn_diff(wal.lsn, slot.restart_lsn)::bigint AS retained_bytes,
       slot.facts ->> 'wal_status'                                AS wal_status,
       (slot.facts ->> 'safe_wal_size')::bigint                   AS safe_wal_size,
       slot.facts ->> 'invalidation_reason'                       AS invalidation_reason,
       slot.facts IS NOT NULL                                     AS has_slot
FROM (SELECT pg_catalog.clock_timestamp() AS clock) AS now
CROSS JOIN LATERAL (SELECT pg_catalog.pg_current_wal_insert_lsn() AS lsn WHERE now.clock IS NOT NULL) AS wal
LEFT JOIN (SELECT s.restart_lsn, pg_catalog.to_jsonb(s) AS facts
           FROM pg_catalog.pg_replication_slots AS s WHERE s.slot_name = %(slot_name)s) AS slot ON true;
