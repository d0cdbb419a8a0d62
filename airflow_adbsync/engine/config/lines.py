"""Where in a YAML file a key stands."""

from __future__ import annotations

from collections.abc import Iterable

import yaml
from pydantic import ValidationError


def lines_of(error: ValidationError, text: str) -> tuple[int, ...]:
    """The lines of what pydantic complains about, from 1 on; of what is missing, its section's."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        return ()
    return tuple(sorted({_line(root, item["loc"]) for item in error.errors(include_url=False)}))


def _line(node: yaml.Node, path: Iterable[str | int]) -> int:
    line = node.start_mark.line
    for part in path:
        found = _step(node, part)
        if found is None:
            break
        line, node = found
    return int(line) + 1


def _step(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    """The line of a key or an item, and what it holds."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item.start_mark.line, item
    return None
