"""Every hour: bring the target to the hour's end, then add the hour up. Nothing runs in between.

The tables were loaded once before, by a `sync_dag` that does not release the sync; between two runs the slot
keeps what the next one will apply.
"""

import pendulum
from airflow.sdk import DAG, CronDataIntervalTimetable, task

from airflow_adbsync.hooks.adbsync import AdbsyncHook
from airflow_adbsync.operators.incremental import IncrementalOperator

with DAG(
    dag_id="hourly_batches",
    schedule=CronDataIntervalTimetable("0 * * * *", timezone="UTC"),
    start_date=pendulum.datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
):
    apply_hour = IncrementalOperator(
        task_id="apply_hour",
        config="shop.yaml",
        until="time",
        until_value="{{ data_interval_end }}",
        retries=3,
    )

    @task
    def add_up(data_interval_start=None, data_interval_end=None) -> str:
        hour = {"start": data_interval_start, "end": data_interval_end}
        with AdbsyncHook("shop_target").get_conn() as target:
            target.execute(
                "CREATE TABLE IF NOT EXISTS public.hourly (hour timestamptz PRIMARY KEY, amount numeric)"
            )
            amount = target.execute(
                """
                INSERT INTO public.hourly
                SELECT %(start)s, coalesce(sum(total), 0) FROM shop.orders
                WHERE placed_at >= %(start)s AND placed_at < %(end)s
                ON CONFLICT (hour) DO UPDATE SET amount = excluded.amount
                RETURNING amount
                """,
                hour,
            ).fetchone()
        return str(amount[0])

    apply_hour >> add_up()
