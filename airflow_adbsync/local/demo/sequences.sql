-- The shop's sequences, each with its step.
SELECT schemaname, sequencename, increment_by
FROM pg_catalog.pg_sequences
WHERE schemaname IN ('shop', 'Back Office')
ORDER BY schemaname, sequencename;
