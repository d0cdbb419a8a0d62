-- Slots on the source: how many there may be, are, and whether the given one is among them. The last column is
-- how much WAL a slot may keep, in MB (-1: any amount); the setting is there since 13.
SELECT current_setting('max_replication_slots')::int,
       (SELECT count(*) FROM pg_catalog.pg_replication_slots),
       EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = %(slot)s),
       coalesce((SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'max_slot_wal_keep_size'), -1);
