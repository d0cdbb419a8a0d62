"""The cut-over: writes are fenced on the source and let in on the target, with a way back.

fence > drain > verify > sequences > activate > reverse; `switch` does them in one go, `abort` undoes them.
"""

from airflow_adbsync.engine.cutover.aborting import abort, finish_abort
from airflow_adbsync.engine.cutover.back import back_id
from airflow_adbsync.engine.cutover.draining import drain, require_silence
from airflow_adbsync.engine.cutover.fencing import fence
from airflow_adbsync.engine.cutover.reversing import begin_reverse, find_begun, find_reverse, prepare_reverse
from airflow_adbsync.engine.cutover.standing import find_fence
from airflow_adbsync.engine.cutover.switching import (
    Switched,
    activate,
    complete,
    set_sequences,
    switch,
    take_over,
)

__all__ = [
    "Switched",
    "abort",
    "activate",
    "back_id",
    "begin_reverse",
    "complete",
    "drain",
    "fence",
    "find_begun",
    "find_fence",
    "find_reverse",
    "finish_abort",
    "prepare_reverse",
    "require_silence",
    "set_sequences",
    "switch",
    "take_over",
]
