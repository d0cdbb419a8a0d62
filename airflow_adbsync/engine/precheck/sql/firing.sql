-- What would fire on the given tables while changes are applied: foreign keys, and triggers of users.
SELECT (SELECT count(*) FROM pg_catalog.pg_constraint
        WHERE contype = 'f' AND conparentid = 0 AND conrelid = ANY (%(oids)s::oid[])),
       (SELECT count(*) FROM pg_catalog.pg_trigger
        WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgrelid = ANY (%(oids)s::oid[]));
