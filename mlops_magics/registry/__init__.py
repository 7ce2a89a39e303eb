"""ModelRegistry: which version is where, and how did it get there."""

from importlib import import_module
from typing import Any

from .versions import ModelVersion, Registration

__all__ = ["ModelRegistry", "ModelVersion", "Registration"]

_HOMES = {"ModelRegistry": "registry"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
