"""What holds of the repository as a whole: its sizes, its names, its pins."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE = 400
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base_classes"}
# Written apart, or this very file would name one.
INDEX_HOST = re.compile(
    "|".join(
        [
            r"pypi" + r"\.org",
            r"python" + r"hosted\.org",
            r"(^|\s)--?(extra-)?" + r"index-url",
            r"(^|\s)--find" + r"-links",
            r"/simple" + r"/?(\s|$)",
        ]
    ),
    re.MULTILINE,
)


@cache
def _tracked() -> tuple[Path, ...]:
    """The repository's files as git knows them, new ones too; without git, those of its folders."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        names = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
        return tuple(path for path in names if path.is_file())
    top = ("airflow_adbsync", "dags", "docs", "docker", "tests", ".ci")
    below = [path for name in top for path in (ROOT / name).rglob("*") if path.is_file()]
    return tuple(path for path in [*below, *ROOT.glob("*.*")] if "__pycache__" not in path.parts)


def _python_files() -> list[Path]:
    return [path for path in _tracked() if path.suffix == ".py"]


def _package_files() -> list[Path]:
    return [path for path in _python_files() if path.relative_to(ROOT).parts[0] == "airflow_adbsync"]


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


def _shown(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_the_repository_is_seen() -> None:
    assert ROOT / "airflow_adbsync" / "__init__.py" in _python_files()
    assert len(_python_files()) > 20


def test_constraints_pin_versions_and_nothing_else() -> None:
    pin = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][A-Za-z0-9.!+_-]*")
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert len(lines) > 50
    assert [line for line in lines if not pin.fullmatch(line)] == []


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    names = _names(project["dependencies"]).union(*(_names(extra) for extra in extras))
    pinned = {_canonical(line.split("==")[0]) for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert names - pinned == set()


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    always = _names(project["dependencies"])
    local = always | _names(project["optional-dependencies"]["local"])
    undeclared = {
        (str(path.relative_to(ROOT)), name)
        for path in _package_files()
        for name in _imported(path)
        if not _distributions(name) & (local if "local" in path.parts else always)
    }
    assert undeclared == set()


def test_no_file_names_a_package_index() -> None:
    assert _shown([path for path in _tracked() if INDEX_HOST.search(_text(path))]) == []


@pytest.mark.parametrize("line", ["https://pypi" + ".org/simple", "pip install --index" + "-url=x y"])
def test_a_package_index_would_be_noticed(line: str) -> None:
    assert INDEX_HOST.search(line)


def test_modules_are_short_enough_to_be_read() -> None:
    lengths = {path: len(_text(path).splitlines()) for path in _python_files()}
    assert _shown([path for path, length in lengths.items() if length >= LONGEST_MODULE]) == []


def test_names_of_files_say_what_is_in_them() -> None:
    nameless = [
        path
        for path in _python_files()
        if NAMES_THAT_SAY_NOTHING & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    ]
    assert _shown(nameless) == []


def test_every_package_and_module_says_what_it_is() -> None:
    assert _shown([path for path in _package_files() if not ast.get_docstring(ast.parse(_text(path)))]) == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in _package_files()}
    assert _shown(sorted(folder for folder in folders if not (folder / "__init__.py").is_file())) == []


def test_no_line_switches_a_linter_off_wholesale() -> None:
    blanket = re.compile(
        r"#\s*(" + r"ruff:\s*noqa|" + r"noqa\s*$|" + r"type:\s*ignore\s*$|" + r"mypy:\s*ignore)", re.M
    )
    assert _shown([path for path in _python_files() if blanket.search(_text(path))]) == []


def _names(requirements: list[str]) -> set[str]:
    return {_canonical(re.split(r"[\[<>=!~; ]", requirement)[0]) for requirement in requirements}


def _imported(path: Path) -> set[str]:
    """The top-level packages of others that a module imports, at its head or inside a function."""
    nodes = list(ast.walk(ast.parse(_text(path))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    names = {name.partition(".")[0] for name in plain | parts}
    return names - sys.stdlib_module_names - {"airflow_adbsync"}


def _distributions(package: str) -> set[str]:
    return {_canonical(name) for name in _providers().get(package, [])}


@cache
def _providers() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
