"""Sequences: the target's next value is never behind the source's."""

from airflow_adbsync.engine.sequences.alignment import SequenceAligned, align

__all__ = ["SequenceAligned", "align"]
