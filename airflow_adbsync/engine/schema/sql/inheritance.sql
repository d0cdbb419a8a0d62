-- Tables and their parents, in the order in which INHERITS names them.
SELECT h.inhrelid::bigint, h.inhparent::bigint
FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid
WHERE c.relkind IN ('r', 'p', 'f')
ORDER BY h.inhrelid, h.inhseqno;
