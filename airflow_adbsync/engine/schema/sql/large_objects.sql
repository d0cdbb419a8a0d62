-- Whether there are large objects.
SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata);
