"""How is catalog.db read and written?

Every write is one transaction under the workspace's lock; every read sees one
moment. The folder is made by the first write; until then reads find nothing.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_magics.errors.storage import (
    NewerFormat,
    NotAWorkspace,
    ReadOnlyWorkspace,
    WorkspaceBusy,
)

from .clock import Clock
from .filesystem import refuse_network
from .lock import WorkspaceLock
from .schema import APPLICATION_ID, FORMAT, MIGRATIONS

OURS = frozenset(
    "lock open segments artifacts tmp catalog.db catalog.db-wal catalog.db-shm".split()
)
# The log is folded into the database when it is larger: SQLite's own default.
CHECKPOINT_BYTES = 4 * 2**20


@dataclass(slots=True)
class Transaction:
    """One open transaction: its connection, its moment and its order.

    Attributes
    ----------
    now : int
        Microseconds since 1970 UTC; one moment for all that it writes.
    by : str
        Who asked for it.
    once_committed : list of callable
        What is done when all that it wrote is there; nothing where it is rolled back.
    """

    connection: sqlite3.Connection
    now: int
    by: str = ""
    once_committed: list[Callable[[], object]] = field(default_factory=list)

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        """Run one statement; values only as parameters, never in its text."""
        return self.connection.execute(sql, parameters)

    def executemany(self, sql: str, rows: Any) -> None:
        """Run one statement for many rows."""
        self.connection.executemany(sql, rows)

    def take_seq(self, count: int = 1) -> int:
        """Return the first of `count` numbers in the order of all that is appended."""
        row = self.execute(
            "UPDATE meta SET value = value + ? WHERE key = 'next_seq' RETURNING value - ?",
            (count, count),
        ).fetchall()
        return int(row[0][0])


class Catalog:
    """The one mutable file of a workspace.

    Parameters
    ----------
    folder : Path
        The workspace; made at the first write.
    clock : Clock
        Gives each transaction its moment.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self.clock = folder, clock
        self._file, self._wal = folder / "catalog.db", folder / "catalog.db-wal"
        self._lock = WorkspaceLock(folder / "lock")
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._open_guard = threading.Lock()

    @property
    def exists(self) -> bool:
        """Whether the workspace has been written to."""
        return self._file.is_file()

    @contextmanager
    def transaction(self, durable: bool = True, by: str = "") -> Iterator[Transaction]:
        """Open a write transaction; inside another one, join it.

        Parameters
        ----------
        durable : bool, default=True
            Whether the commit also survives a power loss. A killed process
            loses nothing either way.
        by : str, default=''
            Who asks for it.

        Yields
        ------
        Transaction
            Committed at the end, rolled back on any exception.

        Raises
        ------
        ReadOnlyWorkspace, NotAWorkspace, NewerFormat, NetworkFolder, WorkspaceBusy
            If the folder cannot be written; nothing is changed then.
        """
        outer: Transaction | None = getattr(self._local, "transaction", None)
        if outer is not None:
            assert not getattr(self._local, "is_reading", False), "a read cannot become a write"
            yield outer
            return
        if not self.exists:
            self._refuse_foreign()
            refuse_network(self.folder)
            self._make_folder()
        else:
            self._reader()  # refuses what is not ours before a lock file is made beside it
        with self._lock.held():
            connection = self._writer(durable)
            self._begin(connection)
            current = Transaction(connection, self.clock.now(), by)
            self._local.transaction = current
            try:
                yield current
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            finally:
                self._local.transaction = None
            self._checkpoint(connection)
        for act in current.once_committed:
            act()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a read transaction: all its queries see one moment.

        Inside another one, or inside a write transaction with what it has written,
        it joins that.
        """
        outer: Transaction | None = getattr(self._local, "transaction", None)
        if outer is not None:
            yield outer
            return
        connection = self._reader()
        connection.execute("BEGIN")
        self._local.transaction = Transaction(connection, self.clock.now())
        self._local.is_reading = True
        try:
            yield self._local.transaction
        finally:
            self._local.transaction, self._local.is_reading = None, False
            connection.execute("ROLLBACK")

    @contextmanager
    def glancing(self) -> Iterator[Transaction]:
        """Open a read that waits for nobody, on a connection of its own.

        Yields
        ------
        Transaction
            For reading only; what is read inside joins it.

        Raises
        ------
        WorkspaceBusy, NotAWorkspace, NewerFormat
            If the file cannot be read at once.
        """
        outer: Transaction | None = getattr(self._local, "transaction", None)
        if outer is not None:
            yield outer
            return
        target = f"file:{_uri(self._file)}?mode=ro"
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(target, timeout=0, isolation_level=None, uri=True)
            connection.row_factory = sqlite3.Row
            self._check_format(connection)
            connection.execute("BEGIN")
            self._local.transaction = Transaction(connection, self.clock.now())
            self._local.is_reading = True
            yield self._local.transaction
        except sqlite3.OperationalError as error:
            raise WorkspaceBusy(str(self.folder), 0) from error
        except sqlite3.DatabaseError as error:
            raise NotAWorkspace(str(self.folder), f"catalog.db: {error}") from error
        finally:
            self._local.transaction, self._local.is_reading = None, False
            if connection is not None:
                connection.close()

    def _refuse_foreign(self) -> None:
        """Refuse a folder that holds something else than a workspace in the making."""
        if self.folder.is_dir():
            others = sorted(p.name for p in self.folder.iterdir() if p.name not in OURS)
            if others:
                raise NotAWorkspace(str(self.folder), f"it holds {others[0]!r} and no catalog.db")
        elif self.folder.exists():
            raise NotAWorkspace(str(self.folder), "it is a file")

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name in ("segments", "artifacts", "tmp"):
                (self.folder / name).mkdir(exist_ok=True)
            (self.folder / "lock").open("ab").close()
        except OSError as error:
            raise ReadOnlyWorkspace(str(self.folder), error.strerror or str(error)) from error

    def _begin(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise ReadOnlyWorkspace(str(self.folder), str(error)) from error

    def _writer(self, durable: bool) -> sqlite3.Connection:
        name = "durable" if durable else "quick"
        connection: sqlite3.Connection | None = getattr(self._local, name, None)
        if connection is None:
            refuse_network(self.folder)
            try:
                connection = self._connect(str(self._file), durable)
                self._migrate(connection)
            except sqlite3.OperationalError as error:
                raise ReadOnlyWorkspace(str(self.folder), str(error)) from error
            except sqlite3.DatabaseError as error:
                raise NotAWorkspace(str(self.folder), f"catalog.db: {error}") from error
            setattr(self._local, name, connection)
        return connection

    def _reader(self) -> sqlite3.Connection:
        """Return this thread's connection for reading, or an empty catalogue."""
        if not self.exists:
            self._refuse_foreign()
            return self._kept("empty", ":memory:")
        for kept in ("durable", "quick"):
            connection: sqlite3.Connection | None = getattr(self._local, kept, None)
            if connection is not None:
                return connection
        reader: sqlite3.Connection | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._kept("reader", f"file:{_uri(self._file)}?mode=ro")
        if reader.execute("PRAGMA user_version").fetchone()[0] == 0:
            # another process is making it at this moment, or was killed while it did
            return self._kept("empty", ":memory:")
        return reader

    def _kept(self, name: str, target: str) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, name, None)
        if connection is None:
            try:
                connection = self._opened(name, target)
            except sqlite3.OperationalError:
                # a folder that cannot be written has no place for SQLite's shared memory
                connection = self._opened(name, f"{target}&immutable=1")
            except sqlite3.DatabaseError as error:
                raise NotAWorkspace(str(self.folder), f"catalog.db: {error}") from error
            setattr(self._local, name, connection)
        return connection

    def _opened(self, name: str, target: str) -> sqlite3.Connection:
        connection = self._connect(target, durable=True)
        if name == "reader":
            self._check_format(connection)
        else:
            self._migrate(connection)
        return connection

    def _connect(self, target: str, durable: bool) -> sqlite3.Connection:
        connection = sqlite3.connect(
            target,
            timeout=30,
            isolation_level=None,
            check_same_thread=False,
            uri=target.startswith("file:"),
        )
        connection.row_factory = sqlite3.Row
        with self._open_guard:
            self._open.append(connection)
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA foreign_keys = ON")
        # Checkpoints run under the lock only: two processes resetting the log at
        # once can corrupt it before SQLite 3.51.3.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        # A log that was folded in keeps its size otherwise, and every later commit would
        # fold again: 10 ms of syncing each.
        connection.execute(f"PRAGMA journal_size_limit = {CHECKPOINT_BYTES // 4:d}")
        return connection

    def _check_format(self, connection: sqlite3.Connection) -> int:
        try:
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            found: int = connection.execute("PRAGMA user_version").fetchone()[0]
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise NotAWorkspace(str(self.folder), f"catalog.db: {error}") from error
        if application != APPLICATION_ID and tables:
            reason = "its catalog.db was made by another program"
            raise NotAWorkspace(str(self.folder), reason)
        if found > FORMAT:
            raise NewerFormat(f"the workspace {str(self.folder)!r}", found, FORMAT)
        return found

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Bring the file to this version's format; the lock is held."""
        try:
            found = self._check_format(connection)
            if found == FORMAT:
                return
            connection.execute("PRAGMA journal_mode = WAL")
            for number in range(found, FORMAT):
                connection.executescript(
                    f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; "
                    f"{MIGRATIONS[number]}; PRAGMA user_version = {number + 1}; COMMIT;"
                )
        except sqlite3.OperationalError as error:
            raise ReadOnlyWorkspace(str(self.folder), str(error)) from error

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        with suppress(FileNotFoundError):
            if self._wal.stat().st_size > CHECKPOINT_BYTES:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close every connection; the last one of all processes folds the log in."""
        with self._open_guard:
            connections, self._open = self._open, []
        self._local = threading.local()
        if not connections:
            return
        if not self.exists:
            for connection in connections:
                connection.close()
            return
        try:
            with self._lock.held():
                for connection in connections:
                    connection.close()
        except OSError:  # the folder is read-only or gone: nothing to fold
            for connection in connections:
                connection.close()


def _uri(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
