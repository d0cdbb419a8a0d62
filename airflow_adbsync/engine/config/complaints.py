"""pydantic's errors, said so that a reader knows which key to mend and how."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from airflow_adbsync.engine.errors import ConfigError


def complaint(error: ValidationError, model: type[BaseModel]) -> ConfigError:
    """Name every key that can't be used, and what to write instead."""
    lines = [_line(dict(item), model) for item in error.errors(include_url=False)]
    return ConfigError("The sync's configuration can't be used: " + "; ".join(lines))


def _line(item: dict[str, Any], model: type[BaseModel]) -> str:
    path = tuple(str(part) for part in item["loc"])
    key = ".".join(path)
    if item["type"] == "extra_forbidden":
        return f"`{key}` is not a key{_suggestion(path, model)}"
    if item["type"] == "missing":
        return f"`{key}` is missing: add it"
    if key == "sync_id":
        return "`sync_id` must be 1 to 40 lower-case letters, digits or underscores, as a slot's name must"
    message = item["msg"].removeprefix("Value error, ")
    return f"`{key}`: {message}" if key else message


def _suggestion(path: tuple[str, ...], model: type[BaseModel]) -> str:
    known = _keys_at(path[:-1], model)
    near = difflib.get_close_matches(path[-1], known, n=1)
    return f": did you mean `{near[0]}`?" if near else f": remove it (known keys here: {', '.join(known)})"


def _keys_at(path: tuple[str, ...], model: type[BaseModel]) -> list[str]:
    for part in path:
        field = _fields(model).get(part)
        if (
            field is None
            or not isinstance(field.annotation, type)
            or not issubclass(field.annotation, BaseModel)
        ):
            return []
        model = field.annotation
    return list(_fields(model))


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields by the names that users write."""
    return {field.alias or name: field for name, field in model.model_fields.items()}
