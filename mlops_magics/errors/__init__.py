"""Every mistake that a user can make: one class a kind, one file a family."""

from .error import MLOpsError

__all__ = ["MLOpsError"]
