-- Which of the given schemas are on the target, and whether the account may create things there, and in the database.
SELECT wanted.name, n.oid IS NOT NULL AS present,
       coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE'), false) AS may_create_in,
       has_database_privilege(current_database(), 'CREATE') AS may_create_schemas,
       has_database_privilege(current_database(), 'TEMPORARY') AS may_stage
FROM unnest(%(schemas)s::text[]) AS wanted (name)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.name
ORDER BY wanted.name COLLATE "C";
