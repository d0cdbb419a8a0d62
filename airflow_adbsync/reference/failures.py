"""The page of all error classes: what each means, whether a retry can help, and its remedies."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from airflow_adbsync.engine import errors
from airflow_adbsync.engine.errors import AdbsyncError

_PACKAGE = Path(errors.__file__).parents[1]
_PROLOGUE = """# Troubleshooting, by error class

Written by `python -m airflow_adbsync.reference docs`; a test holds it up to date.

A failed task names the class of its error, what happened, and what to do. *Tried again*: Airflow, or the
applier itself, tries it again, for such a failure can pass; any other ends the task at once, and a retry
without a change would end the same way. Nothing is lost by either: the slot keeps the changes until the
target has them.

Remedies are given as the code writes them; `…` stands for names and numbers of the case.
"""


def page() -> str:
    """The page of the docs."""
    return "\n".join([_PROLOGUE, *(line for cls in classes() for line in _entry(cls))])


def classes() -> list[type[AdbsyncError]]:
    """Every class, by its name."""
    found = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, AdbsyncError)]
    return sorted((cls for cls in found if cls is not AdbsyncError), key=lambda cls: cls.__name__)


def _entry(cls: type[AdbsyncError]) -> Iterator[str]:
    meaning = (inspect.getdoc(cls) or "").replace("``", "`").replace("\n", " ")
    yield from (f"## {cls.__name__}", "", meaning + (" *Tried again.*" if cls.retryable else ""), "")
    remedies = _remedies().get(cls.__name__, ())
    if remedies:
        yield from (*(f"- {remedy}" for remedy in remedies), "")


@cache
def _remedies() -> dict[str, tuple[str, ...]]:
    """The remedies in the package's source, by the class that they come with."""
    found: dict[str, dict[str, None]] = {}
    for path in sorted(_PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = _constants(tree)
        for node in ast.walk(tree):
            name, remedy = _raised(node)
            text = _text(remedy, constants) if remedy is not None else ""
            if name and text.strip("… "):
                found.setdefault(name, {})[text] = None
    return {name: tuple(texts) for name, texts in found.items()}


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _raised(node: ast.AST) -> tuple[str, ast.expr | None]:
    """The class that a call makes, or has made, and its remedy."""
    if not isinstance(node, ast.Call):
        return "", None
    function = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    name = function.id if isinstance(function, ast.Name) else ""
    remedy = next((keyword.value for keyword in node.keywords if keyword.arg == "remedy"), None)
    return name, remedy


def _text(node: ast.expr, constants: dict[str, ast.expr]) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part, constants) for part in parts)
        case ast.BinOp(left=left, right=right):
            return _text(left, constants) + _text(right, constants)
        case ast.IfExp(body=body, orelse=orelse):
            return f"{_text(body, constants)} Or: {_text(orelse, constants)}"
    inner = node.value if isinstance(node, ast.FormattedValue) else node
    known = isinstance(inner, ast.Name) and constants.get(inner.id)
    return _text(known, constants) if known else "…"
