-- What of the target decides about what can be made there.
SELECT ARRAY(SELECT n.nspname::text FROM pg_catalog.pg_namespace n),
       ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles r),
       ARRAY(SELECT l.lanname::text FROM pg_catalog.pg_language l),
       ARRAY(SELECT m.amname::text FROM pg_catalog.pg_am m WHERE m.amtype = 't'),
       ARRAY(SELECT ARRAY[e.extname::text, n.nspname::text]
             FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace),
       u.rolsuper, u.rolsuper OR u.rolbypassrls
FROM pg_catalog.pg_roles u WHERE u.rolname = current_user;
