-- Bytes that are free on the disks of all segments (Greenplum doc: gp_disk_free, in kB). Segments that share a
-- host and a device share its space.
SELECT sum(free)::bigint * 1024
FROM (SELECT max(dfspace) AS free FROM gp_toolkit.gp_disk_free GROUP BY dfhostname, dfdevice) AS disk;
