-- Whether another table's foreign key points to this table, so that TRUNCATE refuses it.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_constraint c
    WHERE c.contype = 'f' AND c.confrelid = %(oid)s::oid AND c.conrelid <> c.confrelid
);
