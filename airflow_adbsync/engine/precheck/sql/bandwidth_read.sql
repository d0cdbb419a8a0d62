-- Rows that nobody has, of about 280 bytes.
COPY (SELECT n, timestamptz '2026-01-01 00:00Z' + n * interval '1 second', n * 0.01, repeat('adbsync ', 30)
      FROM generate_series(1::bigint, %(rows)s) AS n) TO STDOUT;
