-- Whether the account may create a publication in the source's database.
SELECT has_database_privilege(current_database(), 'CREATE');
