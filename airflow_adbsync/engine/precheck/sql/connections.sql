-- How many connections more the account may open: within the server's limit, less what is kept for others,
-- the account's and the database's own (-1: none). Superusers are bound by the server's alone.
-- Sessions of others are counted in full, though only some may be looked into.
WITH setting AS (
    SELECT coalesce(max(setting::int) FILTER (WHERE name = 'max_connections'), 0) AS most,
           coalesce(max(setting::int) FILTER (WHERE name = 'superuser_reserved_connections'), 0)
           + coalesce(max(setting::int) FILTER (WHERE name = 'reserved_connections'), 0) AS kept
    FROM pg_catalog.pg_settings
    WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')
), used AS (
    SELECT count(*) AS all_of_them,
           count(*) FILTER (WHERE usesysid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)) AS mine,
           count(*) FILTER (WHERE datname = current_database()) AS here
    FROM pg_catalog.pg_stat_activity
    WHERE datname IS NOT NULL
)
SELECT least(s.most - s.kept - u.all_of_them,
             CASE WHEN r.rolconnlimit >= 0 AND NOT r.rolsuper THEN r.rolconnlimit - u.mine END,
             CASE WHEN d.datconnlimit >= 0 AND NOT r.rolsuper THEN d.datconnlimit - u.here END)::int
FROM setting s, used u, pg_catalog.pg_roles r, pg_catalog.pg_database d
WHERE r.rolname = current_user AND d.datname = current_database();
