"""The charts of one sync's page."""

from __future__ import annotations

from datetime import timedelta

from airflow_adbsync.plugin import words
from airflow_adbsync.plugin.charts import Chart, rates
from airflow_adbsync.plugin.view import SyncView

WINDOWS = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}


def charts(view: SyncView) -> tuple[Chart, ...]:
    """Lag in seconds and bytes, throughput, and what the slot makes the source keep."""
    lag = view.lag
    shown = _shown(view)

    def chart(title: str, values: list[float | None], colour: str, base: int = 60) -> Chart:
        points = [(point.moment, value) for point, value in zip(lag, values, strict=True)]
        wording = words.size if base == 1024 else words.duration
        return Chart(title, points, shown, view.now, wording, base, colour)

    changes = rates([(point.moment, point.changes) for point in lag])
    return (
        chart("Lag in time", [point.lag_seconds for point in lag], "a"),
        chart("Lag in WAL", [float(point.lag_bytes) for point in lag], "b", 1024),
        Chart("Changes applied", changes, shown, view.now, words.rate, 10, "c"),
        chart("WAL kept by the slot", [point.retained_bytes for point in lag], "d", 1024),
    )


def _shown(view: SyncView) -> timedelta:
    """The window that was asked for, or the sync's life where that is shorter."""
    created_at = view.overview.created_at if view.overview else None
    if created_at is None:
        return view.window
    return min(view.window, max(timedelta(minutes=1), view.now - created_at))


def throughput(view: SyncView) -> tuple[float | None, float | None]:
    """Changes and bytes of WAL applied each second, over the last minute of samples."""
    recent = [point for point in view.lag if view.now - point.moment < timedelta(minutes=1)]
    if len(recent) < 2:
        return None, None
    first, last = recent[0], recent[-1]
    seconds = (last.moment - first.moment).total_seconds()
    return _grown(first.changes, last.changes, seconds), _grown(first.applied, last.applied, seconds)


def _grown(before: int | None, after: int | None, seconds: float) -> float | None:
    if before is None or after is None or seconds <= 0:
        return None
    return max(0, after - before) / seconds
