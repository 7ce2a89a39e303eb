"""How does a notebook speak to a workspace? One file a magic, each thin."""

from importlib import import_module
from typing import Any

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".extension", __name__), name)
