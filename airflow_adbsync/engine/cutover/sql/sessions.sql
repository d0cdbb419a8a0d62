-- Other people's sessions in this database that began before a moment.
SELECT pid
FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
  AND backend_start <= %(moment)s
  AND NOT (usename = session_user AND application_name = current_setting('application_name'));
