-- The given row security policies, as CREATE POLICY.
SELECT p.oid::bigint,
       pg_catalog.format('CREATE POLICY %%I ON %%I.%%I', p.polname, n.nspname, c.relname)
       || CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END
       || CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE'
                        WHEN 'd' THEN ' FOR DELETE' ELSE '' END
       || CASE WHEN 0 = ANY (p.polroles) THEN ''
               ELSE ' TO ' || (SELECT string_agg(pg_catalog.quote_ident(a.rolname), ', ' ORDER BY a.rolname)
                               FROM pg_catalog.pg_roles a WHERE a.oid = ANY (p.polroles)) END
       || coalesce(' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', '')
       || coalesce(' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE p.oid = ANY (%(oids)s::oid[]);
