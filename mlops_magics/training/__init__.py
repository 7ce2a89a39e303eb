"""TrainingProvider: from a table to a registered model, honestly measured."""

from importlib import import_module
from typing import Any

from .job import TrainingJob
from .spec import TrainingSpec

__all__ = ["TrainingJob", "TrainingProvider", "TrainingSpec"]

# JAX is imported by the first training, not with the package.
_HOMES = {"TrainingProvider": "provider"}
_MODULES = frozenset({"fit", "plan", "split", "row_hashes"})


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
