"""What does a person see of a result: HTML and text that say the same."""

from importlib import import_module
from typing import Any

__all__ = ["DOCUMENTS", "card_document", "greeting", "is_ours", "lines", "render"]

_HOMES = {"DOCUMENTS": "document", "card_document": "document"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES.get(name, 'pages')}", __name__), name)
