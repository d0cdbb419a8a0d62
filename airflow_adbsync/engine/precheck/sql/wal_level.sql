-- How much the source writes to its log.
SELECT current_setting('wal_level');
