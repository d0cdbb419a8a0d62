-- The same rows, on the target.
COPY pg_temp.adbsync_bandwidth FROM STDIN;
