"""What is wrong with the workspace's folder or with a file in it?"""

from .error import MLOpsError


class NotAWorkspace(MLOpsError, OSError):
    """A path that exists and is not a workspace."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path!r} is no workspace: {reason}. "
            "Next: name a new folder, or one made by mlops_magics"
        )


class NewerFormat(MLOpsError, ValueError):
    """A workspace or model written by a later version of this package."""

    def __init__(self, what: str, found: int, known: int) -> None:
        super().__init__(
            f"{what} has format {found}; this version reads up to {known}. "
            "Next: pip install --upgrade mlops_magics"
        )


class ReadOnlyWorkspace(MLOpsError, PermissionError):
    """A workspace that cannot be written."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path!r} cannot be written: {reason}. "
            "Next: copy the folder to a place of your own and open that"
        )


class NetworkFolder(MLOpsError, OSError):
    """A folder on a network drive, where SQLite's write-ahead log is unsafe."""

    def __init__(self, path: str, filesystem: str) -> None:
        super().__init__(
            f"{path!r} is on a network drive ({filesystem}), where kernels would damage it. "
            "Next: set MLOPS_WORKSPACE to a folder on a local disk"
        )


class WorkspaceBusy(MLOpsError, TimeoutError):
    """Another process held the workspace's lock for too long."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__(
            f"another process has been writing to {path!r} for more than {seconds:.0f} s. "
            "Next: wait for it, or stop that kernel, then run the cell again"
        )


class BrokenModel(MLOpsError, ValueError):
    """A model file that is damaged or that is no model file."""

    def __init__(self, what: str, reason: str, next_step: str) -> None:
        super().__init__(f"{what} is not a readable model: {reason}. Next: {next_step}")


class BrokenFile(MLOpsError, OSError):
    """A file that the catalogue names and that is missing or damaged."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"the workspace's file {path!r} is {reason}. "
            "Next: copy it back from a backup of the folder"
        )
