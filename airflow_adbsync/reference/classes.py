"""A page for each operator, sensor and trigger, made from its docstring and its arguments."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from airflow_adbsync.provider_info import get_provider_info

_KINDS = ("operators", "sensors", "triggers")
_WRITTEN = "Written by `python -m airflow_adbsync.reference docs`; a test holds it up to date."
# What triggers take over from whoever defers to them.
_SHARED = {
    "config": "the sync's configuration, as JSON.",
    "source_conn_id": "takes the place of the configuration's ``source``.",
    "target_conn_id": "takes the place of the configuration's ``target``.",
    "poke_interval": "seconds between two looks.",
}
_ARGUMENT = re.compile(r"^:param (\w+): ?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Argument:
    name: str
    meaning: str
    default: str
    templated: bool


def documented() -> dict[str, list[type]]:
    """The classes that Airflow is told of, by their kind."""
    info = get_provider_info()
    return {
        kind: [
            cls
            for entry in info[kind]
            for module in entry["python-modules"]
            for cls in _classes(import_module(module))
        ]
        for kind in _KINDS
    }


def pages() -> dict[str, str]:
    """Each page by its path."""
    found = {
        f"reference/{cls.__name__}.md": page(cls) for classes in documented().values() for cls in classes
    }
    return {**found, "reference/README.md": _index()}


def page(cls: type) -> str:
    """What a class is for, how it is imported, and its arguments."""
    prose, _ = _split(cls)
    lines = [
        f"# {cls.__name__}",
        "",
        _WRITTEN,
        "",
        "```python",
        f"from {cls.__module__} import {cls.__name__}",
        "```",
        "",
        _plain(prose),
        "",
        "| Argument | Default | Meaning |",
        "|---|---|---|",
        *(_row(argument) for argument in _arguments(cls)),
        "",
    ]
    return "\n".join(lines)


def _index() -> str:
    lines = ["# Operators, sensors, triggers", "", _WRITTEN, ""]
    for kind, classes in documented().items():
        lines += [f"## {kind.capitalize()}", "", "| Class | What it does |", "|---|---|"]
        lines += [f"| [{cls.__name__}]({cls.__name__}.md) | {_first_line(cls)} |" for cls in classes]
        lines.append("")
    return "\n".join(lines)


def _classes(module: Any) -> Iterator[type]:
    for name, value in vars(module).items():
        if inspect.isclass(value) and value.__module__ == module.__name__ and not name.startswith("_"):
            yield value


def _first_line(cls: type) -> str:
    return _plain(_split(cls)[0].partition("\n\n")[0]).replace("\n", " ")


def _split(cls: type) -> tuple[str, dict[str, str]]:
    """A docstring's prose, and what it says of arguments."""
    text = inspect.cleandoc(vars(cls).get("__doc__") or "")
    before, *rest = _ARGUMENT.split(text)
    said, after = {}, ""
    for name, meaning in zip(rest[::2], rest[1::2], strict=True):
        # What is not indented is prose again.
        kept, _, after = meaning.partition("\n\n")
        said[name] = " ".join(kept.split())
    return f"{before.strip()}\n\n{after.strip()}".strip(), said


def _arguments(cls: type) -> Iterator[_Argument]:
    templated = set(getattr(cls, "template_fields", ()))
    seen: set[str] = set()
    for base in cls.__mro__:
        if not base.__module__.startswith("airflow_adbsync") or "__init__" not in vars(base):
            continue
        said = {name: text for each in cls.__mro__[::-1] for name, text in _split(each)[1].items()}
        for name, parameter in inspect.signature(vars(base)["__init__"]).parameters.items():
            if parameter.kind is parameter.KEYWORD_ONLY and name not in seen:
                seen.add(name)
                meaning = _plain(said.get(name) or _SHARED.get(name, "")).removesuffix("(templated)").strip()
                yield _Argument(name, meaning, _default(parameter), name in templated)


def _default(parameter: inspect.Parameter) -> str:
    return "required" if parameter.default is parameter.empty else f"`{parameter.default!r}`"


def _row(argument: _Argument) -> str:
    meaning = argument.meaning + (" (templated)" if argument.templated else "")
    return f"| `{argument.name}` | {argument.default} | {meaning.strip()} |"


def _plain(text: str) -> str:
    return text.replace("``", "`").replace("|", r"\|")
