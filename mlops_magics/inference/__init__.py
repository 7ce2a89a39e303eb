"""InferenceEngine: what a model answers for rows, checked against what it was trained on."""

from importlib import import_module
from typing import Any

from .answers import Prediction, Predictions

__all__ = ["InferenceEngine", "Prediction", "Predictions"]

_HOMES = {"InferenceEngine": "engine"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
