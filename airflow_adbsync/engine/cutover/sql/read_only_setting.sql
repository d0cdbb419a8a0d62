-- default_transaction_read_only as this database has it (no row: not set), and as roles set it for themselves.
SELECT r.rolname::text, split_part(setting, '=', 2)
FROM pg_catalog.pg_db_role_setting s
CROSS JOIN LATERAL unnest(s.setconfig) AS setting
LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
WHERE split_part(setting, '=', 1) = 'default_transaction_read_only'
  AND (s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
       OR (s.setdatabase = 0 AND s.setrole <> 0));
