-- Whether the server has Greenplum's view of its segments' disks.
SELECT to_regclass('gp_toolkit.gp_disk_free') IS NOT NULL;
