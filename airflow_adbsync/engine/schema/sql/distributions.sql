-- How the given tables are distributed, on a server of the Greenplum family only. RANDOMLY is policy p without
-- columns.
SELECT p.localoid::bigint,
       CASE WHEN p.policytype = 'r' THEN 'replicated'
            WHEN coalesce(array_length(p.distkey::int2[], 1), 0) = 0 THEN 'randomly'
            ELSE 'by' END,
       ARRAY(SELECT a.attname::text
             FROM generate_subscripts(p.distkey::int2[], 1) AS place
             JOIN pg_catalog.pg_attribute a
               ON a.attrelid = p.localoid AND a.attnum = (p.distkey::int2[])[place]
             ORDER BY place)
FROM pg_catalog.gp_distribution_policy p
WHERE p.localoid = ANY (%(oids)s::oid[]) AND p.policytype IN ('p', 'r');
