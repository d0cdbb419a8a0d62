-- Open transactions of all databases, prepared ones too, the oldest first; not the sync's own sessions. What a
-- session does is shown to members of pg_read_all_stats only, so a stranger's age may not be known.
SELECT extract(epoch FROM clock_timestamp() - t.since)::float8, t.pid, t.gid,
       coalesce(t.who, '?'), coalesce(t.database, '?'), coalesce(t.application, ''), t.writes
FROM (SELECT a.xact_start AS since, a.pid, NULL::text AS gid, a.usename::text AS who, a.datname::text AS database,
             a.application_name AS application, a.backend_xid IS NOT NULL AS writes
      FROM pg_catalog.pg_stat_activity a
      WHERE a.xact_start IS NOT NULL
        AND (a.usename, a.application_name) <> (current_user, current_setting('application_name'))
        AND (a.backend_xid IS NOT NULL OR a.backend_xmin IS NOT NULL)
        AND a.backend_type = 'client backend'
      UNION ALL
      SELECT p.prepared, NULL, p.gid, p.owner::text, p.database::text, NULL, true
      FROM pg_catalog.pg_prepared_xacts p) AS t
ORDER BY t.since
LIMIT 50;
