-- How many seconds a zone is off UTC at several moments; no row where the server doesn't know the zone.
SELECT extract(epoch FROM timezone(zone.name, moment) - timezone('UTC', moment))::int
FROM (SELECT name FROM pg_catalog.pg_timezone_names WHERE lower(name) = lower(%(zone)s) LIMIT 1) AS zone,
     unnest(ARRAY['1990-01-15 12:00Z', '2005-07-15 12:00Z', '2026-01-15 12:00Z', '2026-07-15 12:00Z',
                  '2036-01-15 12:00Z', '2036-07-15 12:00Z']::timestamptz[]) AS moment
ORDER BY moment;
