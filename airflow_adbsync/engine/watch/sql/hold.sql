-- As source_position.sql, and who reads the slot and how far. In psql, write %(slot_name)s as 'adbsync_shop'.
SELECT wal.lsn::text                                              AS lsn,
       pg_catalog.clock_timestamp()                               AS clock,
       pg_catalog.pg_wal_lsn_diff(wal.lsn, slot.restart_lsn)::bigint AS retained_bytes,
       pg_catalog.to_jsonb(slot) ->> 'wal_status'                 AS wal_status,
       (pg_catalog.to_jsonb(slot) ->> 'safe_wal_size')::bigint    AS safe_wal_size,
       pg_catalog.to_jsonb(slot) ->> 'invalidation_reason'        AS invalidation_reason,
       slot.slot_name IS NOT NULL                                 AS has_slot,
       slot.active_pid                                            AS active_pid,
       slot.confirmed_flush_lsn::text                             AS confirmed_lsn
FROM (SELECT pg_catalog.pg_current_wal_insert_lsn() AS lsn) AS wal
LEFT JOIN pg_catalog.pg_replication_slots AS slot ON slot.slot_name = %(slot_name)s;
