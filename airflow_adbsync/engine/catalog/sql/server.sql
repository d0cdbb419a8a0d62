-- One row: what the server says it is. The last column tells whether its identity may be read.
SELECT version(),
       current_setting('server_version_num')::int,
       current_database()::text,
       (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'gp_server_version'),
       coalesce((SELECT bool_and(has_function_privilege(p.oid, 'EXECUTE')) AND count(*) = 2
                 FROM pg_catalog.pg_proc p
                 WHERE p.pronamespace = 'pg_catalog'::regnamespace
                   AND p.proname IN ('pg_control_system', 'pg_control_checkpoint')), false);
