"""FeatureStore: features with history, joined as of the moment they were known."""

from importlib import import_module
from typing import Any

from .view import ViewDefinition

__all__ = ["FeatureStore", "ViewDefinition"]

_HOMES = {"FeatureStore": "store", "run_query": "query"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
