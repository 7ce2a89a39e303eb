"""Who may write to the workspace now?

One process at a time, and in it one thread: the kernel's lock on the file
`.mlops/lock`. The system releases it when its owner dies, however it dies.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops_magics.errors.storage import ReadOnlyWorkspace, WorkspaceBusy

if os.name == "nt":  # written from the documentation; not tested on Windows
    import msvcrt

    def take(descriptor: int) -> None:
        """Lock an open file for this process, or raise OSError at once."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]

    def release(descriptor: int) -> None:
        """Give the lock of an open file back."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]

else:
    import fcntl

    def take(descriptor: int) -> None:
        """Lock an open file for this process, or raise OSError at once."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(descriptor: int) -> None:
        """Give the lock of an open file back."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class WorkspaceLock:
    """The write lock of one workspace; not reentrant.

    Parameters
    ----------
    path : Path
        The lock file; its folder exists.
    patience : float, default=60.0
        Seconds to wait for another process.
    """

    def __init__(self, path: Path, patience: float = 60.0) -> None:
        self._path, self._patience = path, patience
        self._thread = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock.

        Raises
        ------
        WorkspaceBusy
            If another process or thread keeps it for longer than the patience.
        ReadOnlyWorkspace
            If the lock file cannot be opened.
        """
        if not self._thread.acquire(timeout=self._patience):
            raise WorkspaceBusy(str(self._path.parent), self._patience)
        try:
            descriptor = self._opened()
            try:
                self._wait(descriptor)
                try:
                    yield
                finally:
                    release(descriptor)
            finally:
                os.close(descriptor)
        finally:
            self._thread.release()

    def _opened(self) -> int:
        try:
            return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            folder = str(self._path.parent)
            raise ReadOnlyWorkspace(folder, error.strerror or str(error)) from error

    def _wait(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._patience
        pause = 0.0005
        while True:
            try:
                return take(descriptor)
            except OSError as error:
                if time.monotonic() > deadline:
                    raise WorkspaceBusy(str(self._path.parent), self._patience) from error
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)
