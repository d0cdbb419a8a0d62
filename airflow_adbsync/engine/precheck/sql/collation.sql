-- How the database compares text, and what it takes for a letter.
SELECT datcollate::text, datctype::text FROM pg_catalog.pg_database WHERE datname = current_database();
