-- The segments of a Greenplum cluster (Greenplum doc: gp_segment_configuration).
SELECT content::int, role::text, status::text FROM pg_catalog.gp_segment_configuration ORDER BY content, role;
