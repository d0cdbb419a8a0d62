"""Telling what is wrong with a sync once for as long as it lasts, and again when it is over."""

from airflow_adbsync.engine.alerts.episodes import EpisodeWatch, Notice, settle
from airflow_adbsync.engine.alerts.judge import Judge, Kind

__all__ = ["EpisodeWatch", "Judge", "Kind", "Notice", "settle"]
