-- How far the rows of the given tables lie in the order of a column, from -1 to 1, by the statistics.
SELECT s.schemaname::text, s.tablename::text, s.attname::text, s.correlation::float8
FROM unnest(%(schemas)s::text[], %(tables)s::text[], %(columns)s::text[]) AS wanted (schema, name, col)
JOIN pg_catalog.pg_stats s
  ON s.schemaname = wanted.schema AND s.tablename = wanted.name AND s.attname = wanted.col
WHERE s.correlation IS NOT NULL AND NOT s.inherited;
