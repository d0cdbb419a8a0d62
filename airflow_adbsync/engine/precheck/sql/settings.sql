-- The settings that checks look at; a server that is too old for one has no row of it.
SELECT name, setting, unit
FROM pg_catalog.pg_settings
WHERE name IN ('TimeZone', 'lc_monetary', 'wal_level', 'wal_sender_timeout', 'max_slot_wal_keep_size',
               'logical_decoding_work_mem', 'idle_in_transaction_session_timeout', 'idle_session_timeout',
               'statement_timeout', 'transaction_timeout', 'hot_standby', 'hot_standby_feedback',
               'sync_replication_slots', 'max_connections', 'superuser_reserved_connections',
               'reserved_connections', 'default_transaction_read_only');
