"""What is a model: signature, encoding, network, baseline; one immutable file of data."""

from importlib import import_module
from typing import Any

__all__ = ["Signature", "TrainedModel"]

# `model.network` is the lazy seam by which a large prediction reaches JAX.
_HOMES = {"TrainedModel": "trained", "Signature": "signature"}
_MODULES = frozenset(
    {
        "baseline",
        "categories",
        "cells",
        "compile_cache",
        "document",
        "encoding",
        "forward",
        "network",
        "numeric",
        "package",
        "signature",
        "times",
        "trained",
    }
)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
