"""Delivering alerts through Airflow's notifiers, from workers and from a triggerer's event loop."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from airflow.sdk import BaseNotifier

from airflow_adbsync.engine.errors import ConfigError

Document = dict[str, Any]

_LOG = logging.getLogger(__name__)
_WITHIN = 60.0


def documents(notifiers: Iterable[Any]) -> list[Document]:
    """Class and arguments of each notifier, as they are stored with a trigger: in clear.

    Takes notifiers, and Airflow's `AsyncCallback` of a notifier with its arguments.

    Raises:
        ConfigError: an argument can't be told from the notifier, or is nothing that JSON can hold.
    """
    return [_document(each) for each in notifiers]


async def deliver(stored: Iterable[Document], notice: Mapping[str, Any]) -> bool:
    """Send a notice through each; tell whether at least one took it. None of them holds up the event loop."""
    results = [await _try(each, notice) for each in stored]
    return any(results)


def _document(notifier: Any) -> Document:
    if isinstance(notifier, Mapping):
        return dict(notifier)
    document: Document
    if isinstance(notifier, BaseNotifier):
        path = f"{type(notifier).__module__}.{type(notifier).__qualname__}"
        document = {"path": path, "kwargs": _arguments(notifier)}
    elif hasattr(notifier, "path") and hasattr(notifier, "kwargs"):
        document = {"path": notifier.path, "kwargs": dict(notifier.kwargs)}
    else:
        raise ConfigError(
            f"{notifier!r} is no notifier.", remedy="Give a BaseNotifier, or an AsyncCallback of one."
        )
    try:
        return dict(json.loads(json.dumps(document)))
    except TypeError as error:
        raise _untold(document["path"], str(error)) from error


def _arguments(notifier: BaseNotifier) -> dict[str, Any]:
    found = {}
    for name, parameter in inspect.signature(type(notifier).__init__).parameters.items():
        if name in {"self", "context"} or parameter.kind in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}:
            continue
        if not hasattr(notifier, name):
            raise _untold(type(notifier).__qualname__, f"it keeps no {name!r}")
        found[name] = getattr(notifier, name)
    return found


def _untold(path: str, why: str) -> ConfigError:
    return ConfigError(
        f"The arguments of notifier {path} can't be stored: {why}.",
        remedy="Give AsyncCallback(<the class>, kwargs={...}) with plain values, connection ids among them.",
    )


async def _try(stored: Document, notice: Mapping[str, Any]) -> bool:
    try:
        async with asyncio.timeout(_WITHIN):
            await _send(stored, {"alert": dict(notice), **notice})
    except Exception:  # noqa: BLE001 - a notifier is somebody else's; the sync goes on whatever it does
        _LOG.exception("Notifier %s could not tell: %s", stored["path"], notice.get("message"))
        return False
    return True


async def _send(stored: Document, context: dict[str, Any]) -> None:
    notifier = await asyncio.to_thread(_make, stored)
    if type(notifier).async_notify is BaseNotifier.async_notify:
        await asyncio.to_thread(notifier, context)
        return
    notifier.context = context
    await notifier


def _make(stored: Document) -> Any:
    from airflow.sdk._shared.module_loading import import_string  # noqa: PLC0415 - only here

    return import_string(stored["path"])(**stored["kwargs"])
