"""Which other processes have this workspace open?

Each keeps an empty file in `.mlops/open` under a lock that the system releases when
the process ends, however it ends. So who is listed is there at that moment. Nothing
depends on it: a folder that cannot be written is used without.
"""

import os
import re
import secrets
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .lock import take

if TYPE_CHECKING:
    from collections.abc import Callable

# the process, and a number of its own so that two of one process stay apart
NAME = re.compile(r"([0-9]+)-[0-9a-f]{16}")


class Presence:
    """The sign of one open workspace, and the signs of the others.

    Parameters
    ----------
    folder : Path
        The workspace; it exists before anything is announced.

    Examples
    --------
    >>> import tempfile
    >>> mine = Presence(Path(tempfile.mkdtemp()))
    >>> mine.announce()
    >>> mine.others()
    ()
    >>> mine.withdraw()
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "open"
        self._asked = False
        self._sign: str = ""
        self._withdraw: Callable[[], object] | None = None

    def announce(self) -> None:
        """Say that this process has the workspace open; once, and only where it can."""
        if self._asked:
            return
        self._asked = True
        name = f"{os.getpid()}-{secrets.token_hex(8)}"
        new, sign = self._folder / f"{name}.new", self._folder / name
        try:
            self._folder.mkdir(exist_ok=True)
            descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        except OSError:
            return
        # also when nobody closes the workspace, and at the end of the process
        self._withdraw = weakref.finalize(self, _remove, descriptor, sign)
        self._sign = name
        with suppress(OSError):
            # locked before it has its name: a sign without a lock is one of the dead
            take(descriptor)
            new.rename(sign)

    @property
    def sign(self) -> str:
        """What this open workspace is known by; empty where it could not be announced."""
        return self._sign

    def is_there(self, sign: str) -> bool:
        """Return whether the open workspace that is known by a sign is still open."""
        if sign == self._sign:
            return True
        return NAME.fullmatch(sign) is not None and _is_held(self._folder / sign)

    def others(self) -> tuple[int, ...]:
        """Return the ids of the other processes; signs of the dead are removed."""
        found = set()
        for path in self._folder.glob("*-*"):
            named = NAME.fullmatch(path.name)
            if named and int(named[1]) != os.getpid() and _is_held(path):
                found.add(int(named[1]))
        return tuple(sorted(found))

    def withdraw(self) -> None:
        """Take the sign back."""
        if self._withdraw is not None:
            self._withdraw()
        self._asked, self._withdraw, self._sign = False, None, ""


def _remove(descriptor: int, sign: Path) -> None:
    os.close(descriptor)
    with suppress(OSError):  # the folder may be gone
        sign.unlink(missing_ok=True)


def _is_held(sign: Path) -> bool:
    try:
        descriptor = os.open(sign, os.O_WRONLY)
    except OSError:  # it went in this moment
        return False
    try:
        take(descriptor)
    except OSError:
        return True
    else:
        with suppress(OSError):
            sign.unlink(missing_ok=True)
        return False
    finally:
        os.close(descriptor)
