-- What the target holds of a sync, and since when that is known. In psql, write %(sync_id)s as 'shop'.
-- `passed_at` is the last look at which the source had not yet got further than the target has now.
SELECT progress.lsn::text  AS lsn,
       progress.commit_time AS commit_time,
       (SELECT max(sample.sampled_at)
        FROM adbsync.lag_sample AS sample
        WHERE sample.sync_id = progress.sync_id AND sample.source_lsn <= progress.lsn) AS passed_at,
       sync.created_at      AS started_at,
       progress.stop_at::text AS stop_at,
       EXISTS (SELECT FROM adbsync.throttle
               WHERE throttle.sync_id = progress.sync_id AND phase = 'incremental' AND paused) AS paused
FROM adbsync.progress AS progress
JOIN adbsync.sync AS sync USING (sync_id)
WHERE progress.sync_id = %(sync_id)s;
