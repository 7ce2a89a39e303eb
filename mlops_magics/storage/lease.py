"""Who may do what only one process at a time may do, for as long as it takes?

A row of the catalogue with a token that is new with every owner. It is renewed while
its owner works, and taken over once it has expired or its owner is dead. Who lost it
finds out in the transaction in which it would commit, and commits nothing.
"""

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.errors.error import MLOpsError
from mlops_magics.errors.state import Busy, LeaseLost

from .catalog import Transaction

if TYPE_CHECKING:
    from .storage import Storage

# Long enough for a machine that sleeps a little, short enough to wait for.
SECONDS = 60.0
RENEWALS = 4


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do something, until somebody takes it over.

    Parameters
    ----------
    name : str
        What is done, such as retraining.
    token : str
        Of this owner alone.

    Examples
    --------
    >>> Lease("retraining", "0f3a").name
    'retraining'
    """

    name: str
    token: str

    def confirm(self, transaction: Transaction) -> None:
        """Raise unless it is still held: to be called where its work is committed.

        Parameters
        ----------
        transaction : Transaction
            In which the work is committed.

        Raises
        ------
        LeaseLost
            If another process has taken it over.
        """
        found = transaction.execute("SELECT token FROM lease WHERE name = ?", (self.name,))
        row = found.fetchone()
        if row is None or row["token"] != self.token:
            raise LeaseLost(self.name, "let the other one finish, then look at its result")


@contextmanager
def leased(storage: "Storage", name: str, seconds: float = SECONDS) -> Iterator[Lease]:
    """Hold a lease, renewed in a thread of its own.

    Parameters
    ----------
    storage : Storage
        The workspace.
    name : str
        What only one process at a time may do.
    seconds : float, default=60
        How long it is kept for an owner that does not answer.

    Yields
    ------
    Lease
        To be confirmed where the work is committed.

    Raises
    ------
    Busy
        If a process that is alive holds it.
    """
    lease = Lease(name, secrets.token_hex(16))
    _take(storage, lease, seconds)
    done = threading.Event()
    heart = threading.Thread(
        target=_renew_until, args=(storage, lease, seconds, done), name=f"lease of {name}"
    )
    heart.daemon = True
    heart.start()
    try:
        yield lease
    finally:
        done.set()
        heart.join()
        with storage.transaction() as transaction:
            own = (lease.name, lease.token)
            transaction.execute("DELETE FROM lease WHERE name = ? AND token = ?", own)


def _take(storage: "Storage", lease: Lease, seconds: float) -> None:
    """Become the owner, in the place of one that is dead or does not answer."""
    alive = storage.presence.others()
    with storage.transaction() as transaction:
        found = transaction.execute("SELECT * FROM lease WHERE name = ?", (lease.name,)).fetchone()
        if found is not None and _is_held(found, transaction.now, alive):
            owner = f"process {found['process_id']}"
            raise Busy(lease.name, owner, "wait until it is done, then look again")
        expires_at = transaction.now + round(seconds * 1e6)
        row = (lease.name, lease.token, os.getpid(), socket.gethostname(), expires_at)
        transaction.execute("INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?)", row)


def _is_held(found: Any, now: int, alive: tuple[int, ...]) -> bool:
    if found["expires_at"] <= now:
        return False
    if found["host"] != socket.gethostname():
        return True
    # of this machine it is known at once who is dead
    return found["process_id"] in (*alive, os.getpid())


def _renew_until(storage: "Storage", lease: Lease, seconds: float, done: threading.Event) -> None:
    while not done.wait(seconds / RENEWALS):
        try:
            with storage.transaction(durable=False) as transaction:
                expires_at = transaction.now + round(seconds * 1e6)
                transaction.execute(
                    "UPDATE lease SET expires_at = ? WHERE name = ? AND token = ?",
                    (expires_at, lease.name, lease.token),
                )
        except MLOpsError:
            # the workspace is busy at this moment: there are more turns before it expires
            continue
