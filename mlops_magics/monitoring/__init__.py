"""MonitoringBackend: every prediction recorded, compared, and scored when labels arrive."""

from importlib import import_module
from typing import Any

from .reports import Event

__all__ = ["Event", "MonitoringBackend"]

_HOMES = {"MonitoringBackend": "backend"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
