-- How many foreign keys the given tables have; those of partitions are their root's.
SELECT count(*) FROM pg_catalog.pg_constraint
WHERE contype = 'f' AND conparentid = 0 AND conrelid = ANY (%(oids)s::oid[]);
