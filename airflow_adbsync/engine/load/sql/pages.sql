-- The pages of a table's main fork.
SELECT pg_catalog.pg_relation_size(%(oid)s::bigint::oid::regclass)
       / current_setting('block_size')::bigint;
