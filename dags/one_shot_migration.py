"""Move a database once: everything that it holds when the target has caught up.

The connections ``migration_source`` and ``migration_target`` name the two databases.
"""

from airflow_adbsync import Objects, PrecheckOptions, SyncConfig, sync_dag

config = SyncConfig(
    sync_id="one_shot",
    source="migration_source",
    target="migration_target",
    objects=Objects(schemas=("public",)),
    # The precheck lists what is not carried, or will differ on the target; somebody has read the list.
    precheck=PrecheckOptions(acknowledge=("unsupported_objects", "replica_identity", "partitions")),
)

dag = sync_dag(config, dag_id="one_shot_migration", until="caught_up", release=True)
