"""The same loop over HTTP, on the same workspace as the notebook."""

from importlib import import_module
from typing import Any

from mlops_magics.errors.state import NotInstalled

__all__ = ["Server", "create_app"]

# what a command line can say is known without the extra
_MODULES = frozenset({"command"})
_HOMES = {"Server": "server", "create_app": "app"}
_EXTRA = frozenset({"fastapi", "pydantic", "starlette", "uvicorn"})


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        step = "pip install 'mlops_magics[rest]'"
        raise NotInstalled("serving over HTTP", str(error.name), step) from error
