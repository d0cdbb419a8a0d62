-- Rows that nobody has, of about 280 bytes. In the select list the series is made row by row, in FROM at once.
COPY (SELECT n, timestamptz '2026-01-01 00:00Z' + n * interval '1 second', n * 0.01, repeat('adbsync ', 30)
      FROM (SELECT generate_series(1::bigint, %(rows)s) AS n) AS made) TO STDOUT;
