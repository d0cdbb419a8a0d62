-- The given operator classes, as CREATE OPERATOR CLASS with the members that hang on the class.
SELECT c.oid::bigint,
       'CREATE OPERATOR CLASS ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.opcname)
       || CASE WHEN c.opcdefault THEN ' DEFAULT' ELSE '' END || ' FOR TYPE ' || pg_catalog.format_type(c.opcintype, NULL)
       || ' USING ' || pg_catalog.quote_ident(m.amname) || ' FAMILY '
       || pg_catalog.quote_ident(fn.nspname) || '.' || pg_catalog.quote_ident(f.opfname) || ' AS '
       || concat_ws(', ',
           -- with neither of the others there has to be this one
           'STORAGE ' || pg_catalog.format_type(
               CASE WHEN c.opckeytype <> 0 THEN c.opckeytype
                    WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                     WHERE d.refclassid = 'pg_catalog.pg_opclass'::regclass AND d.refobjid = c.oid
                                       AND d.classid IN ('pg_catalog.pg_amop'::regclass, 'pg_catalog.pg_amproc'::regclass))
                    THEN c.opcintype END, NULL),
           (SELECT string_agg('OPERATOR ' || a.amopstrategy || ' ' || a.amopopr::regoperator::text
                       || coalesce(' FOR ORDER BY ' || (SELECT pg_catalog.quote_ident(sn.nspname) || '.' || pg_catalog.quote_ident(s.opfname)
                                                        FROM pg_catalog.pg_opfamily s
                                                        JOIN pg_catalog.pg_namespace sn ON sn.oid = s.opfnamespace
                                                        WHERE s.oid = a.amopsortfamily), ''),
                       ', ' ORDER BY a.amopstrategy, a.oid)
            FROM pg_catalog.pg_amop a JOIN pg_catalog.pg_depend d
              ON d.classid = 'pg_catalog.pg_amop'::regclass AND d.objid = a.oid
                 AND d.refclassid = 'pg_catalog.pg_opclass'::regclass AND d.refobjid = c.oid),
           (SELECT string_agg('FUNCTION ' || a.amprocnum || ' (' || pg_catalog.format_type(a.amproclefttype, NULL) || ', '
                       || pg_catalog.format_type(a.amprocrighttype, NULL) || ') ' || a.amproc::oid::regprocedure::text,
                       ', ' ORDER BY a.amprocnum, a.oid)
            FROM pg_catalog.pg_amproc a JOIN pg_catalog.pg_depend d
              ON d.classid = 'pg_catalog.pg_amproc'::regclass AND d.objid = a.oid
                 AND d.refclassid = 'pg_catalog.pg_opclass'::regclass AND d.refobjid = c.oid))
FROM pg_catalog.pg_opclass c
JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace JOIN pg_catalog.pg_am m ON m.oid = c.opcmethod
JOIN pg_catalog.pg_opfamily f ON f.oid = c.opcfamily JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace
WHERE c.oid = ANY (%(oids)s::oid[]);
