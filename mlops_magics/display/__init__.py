"""What does a person see of a result: HTML and text that say the same."""

from importlib import import_module
from typing import Any

__all__ = ["greeting", "is_ours", "lines", "render"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".pages", __name__), name)
