"""Add up each day's orders on the target, once the target holds all of that day.

The sync itself runs elsewhere (see shop_migration.py); this DAG waits until it has got far enough.
"""

import pendulum
from airflow.sdk import DAG, CronDataIntervalTimetable, task

from airflow_adbsync.hooks.adbsync import AdbsyncHook
from airflow_adbsync.sensors.replicated_up_to import ReplicatedUpToSensor

with DAG(
    dag_id="daily_revenue",
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    start_date=pendulum.datetime(2026, 1, 1),
    catchup=False,
):
    complete = ReplicatedUpToSensor(task_id="complete", config="shop.yaml", at="{{ data_interval_end }}")

    @task
    def add_up(data_interval_start=None, data_interval_end=None) -> str:
        day = {"start": data_interval_start, "end": data_interval_end}
        with AdbsyncHook("shop_target").get_conn() as target:
            target.execute("CREATE TABLE IF NOT EXISTS public.revenue (day date PRIMARY KEY, amount numeric)")
            amount = target.execute(
                """
                INSERT INTO public.revenue
                SELECT %(start)s::date, coalesce(sum(total), 0) FROM shop.orders
                WHERE placed_at >= %(start)s AND placed_at < %(end)s
                ON CONFLICT (day) DO UPDATE SET amount = excluded.amount
                RETURNING amount
                """,
                day,
            ).fetchone()
        return str(amount[0])

    complete >> add_up()
