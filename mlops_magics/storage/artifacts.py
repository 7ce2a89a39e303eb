"""Where are files that are named by their content?

A model's bytes are published under their SHA-256: written beside, synced,
renamed, the folder synced. Whoever reads one checks that it is still what its
name says. A file counts only when a catalogue row names it.
"""

import hashlib
import os
import re
import time
from collections.abc import Callable, Collection
from pathlib import Path

from mlops_magics.errors.storage import BrokenFile

# A file that no row names may be one that is being published; an hour is long enough for that.
ORPHAN_AGE_SECONDS = 3600.0


def publish(folder: Path, name: str, write: Callable[[Path], object]) -> Path:
    """Write a file so that it is there whole, or not at all, whatever happens.

    Parameters
    ----------
    folder : Path
        The folder it belongs in.
    name : str
        Its name: an id or a digest of ours, never a user's text.
    write : callable
        Writes the content to the path that it is given.

    Returns
    -------
    Path
        The published file, read-only.
    """
    temporary = folder.parent / "tmp" / f"{os.getpid()}-{time.monotonic_ns()}-{name}"
    write(temporary)
    temporary.chmod(0o444)
    _sync(temporary)
    target = folder / name
    temporary.replace(target)
    _sync(folder)
    return target


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Artifacts:
    """The files of models, named by the SHA-256 of their content.

    Parameters
    ----------
    folder : Path
        The workspace's `artifacts`.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> for name in ("tmp", "artifacts"):
    ...     (root / name).mkdir()
    >>> artifacts = Artifacts(root / "artifacts")
    >>> artifacts.read(artifacts.write(b"weights"))
    b'weights'
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Return where the file of this digest is."""
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise BrokenFile(sha256, "not named by a digest")
        return self._folder / f"{sha256}.mlm"

    def write(self, data: bytes) -> str:
        """Publish bytes and return their digest; the same bytes are stored once."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        # a file that was damaged since is published anew
        if not path.is_file() or path.read_bytes() != data:
            publish(self._folder, path.name, lambda temporary: temporary.write_bytes(data))
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return the bytes of this digest.

        Raises
        ------
        BrokenFile
            If the file is missing, or is no longer what its name says.
        """
        path = self.path(sha256)
        shown = f"artifacts/{path.name}"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BrokenFile(shown, "missing") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BrokenFile(shown, "damaged: its checksum is another")
        return data


def sweep(folder: Path, named: Collection[str], now: float) -> int:
    """Remove files that no catalogue row names and that are older than an hour.

    Parameters
    ----------
    folder : Path
        Whose files.
    named : collection of str
        File names that are still named.
    now : float
        Seconds since 1970.

    Returns
    -------
    int
        Files removed.
    """
    removed = 0
    if not folder.is_dir():
        return 0
    for path in folder.iterdir():
        if path.name in named or not path.is_file():
            continue
        if now - path.stat().st_mtime > ORPHAN_AGE_SECONDS:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
