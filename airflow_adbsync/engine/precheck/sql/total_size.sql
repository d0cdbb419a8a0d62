-- Bytes of the given tables with their indexes, partitions too.
WITH RECURSIVE member (oid) AS (
    SELECT unnest(%(oids)s::oid[])
    UNION
    SELECT h.inhrelid FROM member m
    JOIN pg_catalog.pg_inherits h ON h.inhparent = m.oid
    JOIN pg_catalog.pg_class c ON c.oid = h.inhparent AND c.relkind = 'p'
)
SELECT coalesce(sum(pg_catalog.pg_total_relation_size(oid)), 0)::bigint FROM member;
