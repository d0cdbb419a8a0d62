-- Walsenders on the source: how many there may be, how many run, and whether one of them reads the given slot.
SELECT current_setting('max_wal_senders')::int,
       (SELECT count(*) FROM pg_catalog.pg_stat_replication),
       EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = %(slot)s AND active);
