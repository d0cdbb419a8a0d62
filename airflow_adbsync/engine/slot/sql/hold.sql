-- What a slot makes the source keep. In psql, write %(name)s as 'adbsync_shop'. Columns that not every version
-- has are read through jsonb, which leaves them null there. One row comes whether there is a slot or not.
SELECT wal.lsn::text                                                       AS source_lsn,
       slot.slot_name IS NOT NULL                                          AS present,
       slot.active_pid,
       slot.confirmed_flush_lsn::text,
       pg_catalog.pg_wal_lsn_diff(wal.lsn, slot.restart_lsn)::bigint       AS retained_bytes,
       pg_catalog.to_jsonb(slot) ->> 'wal_status'                          AS wal_status,         -- since 13
       (pg_catalog.to_jsonb(slot) ->> 'safe_wal_size')::bigint             AS safe_bytes,         -- since 13
       pg_catalog.to_jsonb(slot) ->> 'invalidation_reason'                 AS invalidation_reason -- since 17
FROM (SELECT pg_catalog.pg_current_wal_insert_lsn() AS lsn) AS wal
LEFT JOIN pg_catalog.pg_replication_slots AS slot ON slot.slot_name = %(name)s;
