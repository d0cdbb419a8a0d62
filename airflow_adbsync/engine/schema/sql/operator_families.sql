-- The given operator families, with those members that are in none of their classes. Members in a class hang on the class, loose ones on the family (PostgreSQL doc: pg_amop).
SELECT f.oid::bigint,
       'CREATE OPERATOR FAMILY ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(f.opfname)
       || ' USING ' || pg_catalog.quote_ident(m.amname)
       || coalesce(E';\nALTER OPERATOR FAMILY ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(f.opfname)
       || ' USING ' || pg_catalog.quote_ident(m.amname) || ' ADD ' || nullif(concat_ws(', ',
           (SELECT string_agg('OPERATOR ' || a.amopstrategy || ' ' || a.amopopr::regoperator::text
                       || coalesce(' FOR ORDER BY ' || (SELECT pg_catalog.quote_ident(sn.nspname) || '.' || pg_catalog.quote_ident(s.opfname)
                                                        FROM pg_catalog.pg_opfamily s
                                                        JOIN pg_catalog.pg_namespace sn ON sn.oid = s.opfnamespace
                                                        WHERE s.oid = a.amopsortfamily), ''),
                       ', ' ORDER BY a.amopstrategy, a.oid)
            FROM pg_catalog.pg_amop a JOIN pg_catalog.pg_depend d
              ON d.classid = 'pg_catalog.pg_amop'::regclass AND d.objid = a.oid
                 AND d.refclassid = 'pg_catalog.pg_opfamily'::regclass AND d.refobjid = f.oid),
           (SELECT string_agg('FUNCTION ' || a.amprocnum || ' (' || pg_catalog.format_type(a.amproclefttype, NULL) || ', '
                       || pg_catalog.format_type(a.amprocrighttype, NULL) || ') ' || a.amproc::oid::regprocedure::text,
                       ', ' ORDER BY a.amprocnum, a.oid)
            FROM pg_catalog.pg_amproc a JOIN pg_catalog.pg_depend d
              ON d.classid = 'pg_catalog.pg_amproc'::regclass AND d.objid = a.oid
                 AND d.refclassid = 'pg_catalog.pg_opfamily'::regclass AND d.refobjid = f.oid)), ''), '')
FROM pg_catalog.pg_opfamily f
JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace JOIN pg_catalog.pg_am m ON m.oid = f.opfmethod
WHERE f.oid = ANY (%(oids)s::oid[]);
