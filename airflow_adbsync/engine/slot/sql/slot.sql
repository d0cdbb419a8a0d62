-- A slot by its name. Columns that not every version has are read through jsonb, which leaves them null there.
SELECT s.slot_name::text, s.plugin::text, s.database::text, s.active_pid,
       s.restart_lsn::text, s.confirmed_flush_lsn::text,
       to_jsonb(s) ->> 'wal_status' AS wal_status,                            -- since 13
       to_jsonb(s) ->> 'invalidation_reason' AS invalidation_reason,          -- since 17
       coalesce((to_jsonb(s) ->> 'failover')::boolean, false) AS failover     -- since 17
FROM pg_catalog.pg_replication_slots s
WHERE s.slot_name = %(name)s;
