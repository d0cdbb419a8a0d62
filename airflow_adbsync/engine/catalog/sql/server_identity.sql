-- One row: the cluster's identity and its timeline. After a promotion pg_control_checkpoint() is behind until
-- the next checkpoint, the name of the WAL file is not; a standby can't name WAL files.
SELECT s.system_identifier::text,
       CASE WHEN pg_is_in_recovery() THEN c.timeline_id
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
       END
FROM pg_control_system() s, pg_control_checkpoint() c;
