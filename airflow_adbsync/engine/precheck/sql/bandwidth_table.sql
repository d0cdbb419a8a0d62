-- Where the measured rows go; it ends with its transaction, which is rolled back.
CREATE TEMP TABLE adbsync_bandwidth (id bigint, at timestamptz, amount numeric, note text);
