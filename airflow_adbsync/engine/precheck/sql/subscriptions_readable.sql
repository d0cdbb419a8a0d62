-- Whether the server has subscriptions of its own and the account may know their names (before 14 not by oid).
SELECT to_regclass('pg_catalog.pg_subscription_rel') IS NOT NULL
   AND has_column_privilege('pg_catalog.pg_subscription', 'subname', 'SELECT')
   AND has_column_privilege('pg_catalog.pg_subscription', 'oid', 'SELECT')
   AND has_table_privilege('pg_catalog.pg_subscription_rel', 'SELECT');
