-- A publication by its name; pubviaroot is there since 13.
SELECT p.pubname::text, p.puballtables, coalesce((to_jsonb(p) ->> 'pubviaroot')::boolean, false) AS via_root
FROM pg_catalog.pg_publication p
WHERE p.pubname = %(name)s;
