"""A server's setting."""

from __future__ import annotations

from dataclasses import dataclass

_FACTORS = {"ms": 0.001, "s": 1.0, "min": 60.0, "B": 1.0, "kB": 1024.0, "8kB": 8192.0, "MB": 1024.0**2}


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of pg_settings; ``unit`` is None where the value counts nothing that has one."""

    name: str
    value: str
    unit: str | None = None

    @property
    def amount(self) -> float:
        """The value in seconds, in bytes, or as the number that it is; -1 stays -1."""
        number = float(self.value)
        return number if number < 0 else number * _FACTORS.get(self.unit or "", 1.0)

    @property
    def is_on(self) -> bool:
        """Tell whether a switch is on."""
        return self.value == "on"
