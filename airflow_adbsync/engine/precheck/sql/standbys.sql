-- How many physical standbys follow the server now: walsenders that send WAL and read no logical slot.
SELECT count(*)
FROM pg_catalog.pg_stat_replication r
WHERE r.state IN ('catchup', 'streaming')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots s
                  WHERE s.active_pid = r.pid AND s.slot_type = 'logical');
