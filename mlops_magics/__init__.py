"""The whole MLOps loop inside one notebook.

``%load_ext mlops_magics`` in a notebook; ``open_workspace()`` in Python.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import MLOpsError as MLOpsError
    from .features import FeatureStore as FeatureStore
    from .inference import InferenceEngine as InferenceEngine
    from .monitoring import MonitoringBackend as MonitoringBackend
    from .registry import ModelRegistry as ModelRegistry
    from .training import TrainingProvider as TrainingProvider
    from .training import TrainingSpec as TrainingSpec
    from .workspace import Workspace as Workspace
    from .workspace import open_workspace as open_workspace

__all__ = [
    "FeatureStore",
    "InferenceEngine",
    "MLOpsError",
    "ModelRegistry",
    "MonitoringBackend",
    "TrainingProvider",
    "TrainingSpec",
    "Workspace",
    "__version__",
    "load_ipython_extension",
    "open_workspace",
    "unload_ipython_extension",
]

_HOMES = {
    "FeatureStore": "features",
    "InferenceEngine": "inference",
    "MLOpsError": "errors",
    "ModelRegistry": "registry",
    "MonitoringBackend": "monitoring",
    "TrainingProvider": "training",
    "TrainingSpec": "training",
    "Workspace": "workspace",
    "load_ipython_extension": "magics",
    "open_workspace": "workspace",
    "unload_ipython_extension": "magics",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("mlops_magics")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
