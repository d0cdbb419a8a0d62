-- Slots on the source: how many there may be, are, and whether the given one is among them.
SELECT current_setting('max_replication_slots')::int,
       (SELECT count(*) FROM pg_catalog.pg_replication_slots),
       EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = %(slot)s);
