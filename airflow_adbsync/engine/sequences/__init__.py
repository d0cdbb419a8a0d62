"""Sequences: the target's next value is never behind the source's."""

from airflow_adbsync.engine.sequences.alignment import SequenceAligned, align, behind, positions

__all__ = ["SequenceAligned", "align", "behind", "positions"]
