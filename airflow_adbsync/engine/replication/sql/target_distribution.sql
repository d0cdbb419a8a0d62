-- How a table is distributed, on a server of the Greenplum family only: in psql, write %(oid)s as
-- 'public.orders'::regclass. RANDOMLY is policy p without columns.
SELECT CASE WHEN p.policytype = 'r' THEN 'replicated'
            WHEN coalesce(array_length(p.distkey::int2[], 1), 0) = 0 THEN 'randomly'
            ELSE 'by' END AS policy,
       ARRAY(SELECT a.attname::text
             FROM generate_subscripts(p.distkey::int2[], 1) AS place
             JOIN pg_catalog.pg_attribute a
               ON a.attrelid = p.localoid AND a.attnum = (p.distkey::int2[])[place]
             ORDER BY place) AS columns
FROM pg_catalog.gp_distribution_policy p
WHERE p.localoid = %(oid)s;
