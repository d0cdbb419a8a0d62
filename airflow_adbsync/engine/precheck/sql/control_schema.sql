-- Which version of adbsync's control schema the target holds.
SELECT max(version) FROM adbsync.version;
