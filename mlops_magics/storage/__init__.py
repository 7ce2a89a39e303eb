"""Where everything is kept: one folder, shared by several kernels."""

from .storage import Storage

__all__ = ["Storage"]
