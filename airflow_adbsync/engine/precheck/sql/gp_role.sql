-- What this session is in a Greenplum cluster: dispatch on the coordinator.
SELECT coalesce(max(setting), 'dispatch') FROM pg_catalog.pg_settings WHERE name = 'gp_role';
