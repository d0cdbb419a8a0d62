-- The labels of the given enum types, in their order.
SELECT e.enumtypid::bigint, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
FROM pg_catalog.pg_enum e WHERE e.enumtypid = ANY (%(oids)s::oid[]) GROUP BY e.enumtypid;
