"""What the operators of throttled phases share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from airflow_adbsync.hooks.sync import config_document
from airflow_adbsync.operators.base import AdbsyncOperator


class ThrottledOperator(AdbsyncOperator):
    """A phase whose pace may be chosen anew for each run.

    :param throttle: ``rows`` and ``bytes`` that may be carried in a second, in the place of the
        configuration's; empty values say nothing. (templated)
    """

    template_fields: Sequence[str] = (*AdbsyncOperator.template_fields, "throttle")
    # The configuration's section that holds the phase's throttle.
    section: ClassVar[str]

    def __init__(self, *, throttle: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.throttle = throttle

    def configured(self) -> Any:
        """The configuration, at the pace that was asked for."""
        said = {name: value for name, value in (self.throttle or {}).items() if str(value or "").strip()}
        if not said:
            return self.config
        document = config_document(self.config)
        return {**document, self.section: {**document.get(self.section, {}), "throttle": said}}
