"""The loops: what crosses two components, over one folder."""

from importlib import import_module
from typing import Any

__all__ = ["Workspace", "open_workspace"]

_HOMES = {"Workspace": "workspace", "open_workspace": "workspace"}
_MODULES = frozenset(
    "alerting beside card compare datasets exploring names overview predict predict_file promote"
    " retrain rollout together trace train views watching webhooks what_if".split()
)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
