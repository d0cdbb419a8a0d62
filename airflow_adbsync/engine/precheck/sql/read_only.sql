-- Whether the server takes no writes: a standby, or read-only by its settings.
SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on';
