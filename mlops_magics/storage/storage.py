"""What is a workspace, as a place to keep things?

The catalogue, the log and the artifacts of one folder, opened together. It
knows no feature and no model; the components write their own rows through its
transactions.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics import tables

from .artifacts import Artifacts, sweep
from .catalog import Catalog, Transaction
from .clock import Clock
from .log import Log
from .presence import Presence

if TYPE_CHECKING:
    from .cells import Cell


class Storage:
    """One folder that several kernels share.

    Parameters
    ----------
    folder : Path
        The workspace, such as `.mlops`; made at the first write.
    clock : Clock, optional
        The wall clock by default.

    Examples
    --------
    >>> import tempfile
    >>> storage = Storage(Path(tempfile.mkdtemp()) / ".mlops")
    >>> with storage.transaction() as transaction:
    ...     first = transaction.take_seq()
    >>> storage.exists
    True
    >>> storage.close()
    """

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.folder = Path(folder).absolute()
        self.clock = clock or Clock()
        self._catalog = Catalog(self.folder, self.clock)
        self.artifacts = Artifacts(self.folder / "artifacts")
        self.presence = Presence(self.folder)
        # Which notebook cell is running: a kernel's session answers, nobody else does.
        self.cell: Callable[[], Cell | None] = lambda: None
        # Who asks, where `asked_by` does not say: a notebook's session sets it.
        self.asker = "python"
        self._asking = threading.local()

    @property
    def exists(self) -> bool:
        """Whether the workspace has been written to."""
        return self._catalog.exists

    @cached_property
    def engine(self) -> Any:
        """The DuckDB of this workspace, opened when it is first needed."""
        return tables.Engine(self.folder / "tmp")

    @cached_property
    def log(self) -> Log:
        """The append-only log."""
        return Log(self._catalog, self)

    def cursor(self) -> Any:
        """Return a fresh DuckDB cursor."""
        return self.engine.cursor()

    @contextmanager
    def transaction(self, durable: bool = True) -> Iterator[Transaction]:
        """Open a write transaction, or join the one that is open in this thread.

        Parameters
        ----------
        durable : bool, default=True
            Whether the commit also survives a power loss.

        Yields
        ------
        Transaction
            Commits at its end, rolls back on any exception.
        """
        by = getattr(self._asking, "by", self.asker)
        with self._catalog.transaction(durable, by) as transaction:
            self.presence.announce()
            yield transaction

    @contextmanager
    def asked_by(self, who: str) -> Iterator[None]:
        """Say who asks for what this thread writes inside: it stands in the history.

        Parameters
        ----------
        who : str
            Such as retraining, or http with the client's address.

        Yields
        ------
        None
            A transaction that is open already keeps the one who opened it.
        """
        before = getattr(self._asking, "by", None)
        self._asking.by = who
        try:
            yield
        finally:
            if before is None:
                del self._asking.by
            else:
                self._asking.by = before

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a read transaction: all its queries see one moment.

        Yields
        ------
        Transaction
            For reading only.
        """
        with self._catalog.reading() as reading:
            if self.exists:
                self.presence.announce()
            yield reading

    def glancing(self) -> AbstractContextManager[Transaction]:
        """Open a read transaction that waits for nobody, for what is offered at the Tab key.

        Returns
        -------
        context manager of Transaction
            All that is read inside joins it. Raises WorkspaceBusy, NotAWorkspace or
            NewerFormat where the catalogue cannot be read at once.
        """
        return self._catalog.glancing()

    def sweep(self) -> int:
        """Remove files that no row names and that are older than an hour.

        Returns
        -------
        int
            Files removed.
        """
        if not self.exists:
            return 0
        with self.transaction() as transaction:
            paths = transaction.execute("SELECT path FROM segment").fetchall()
            digests = transaction.execute(
                "SELECT artifact_sha256 FROM model_version LEFT JOIN deletion d"
                " USING (model_id, number) WHERE artifact_sha256 IS NOT NULL AND d.seq IS NULL"
            ).fetchall()
            named = {row[0] for row in paths} | {f"{row[0]}.mlm" for row in digests}
            folders = [self.folder / name for name in ("segments", "artifacts", "tmp")]
            return sum(sweep(folder, named, time.time()) for folder in folders)

    def forget(self, transaction: Transaction, kind: str, name: str) -> list[Path]:
        """Forget a stream of the log, which only the deletion of its owner may ask.

        Parameters
        ----------
        transaction : Transaction
            The rows are gone once it commits.
        kind, name : str
            The stream.

        Returns
        -------
        list of Path
            Files that no row names any more, to be removed after the commit.
        """
        stream = (kind, name)
        found = transaction.execute("SELECT path FROM segment WHERE kind = ? AND name = ?", stream)
        paths = [self.folder / "segments" / row[0] for row in found.fetchall()]
        transaction.execute("DELETE FROM segment WHERE kind = ? AND name = ?", stream)
        transaction.execute("DELETE FROM hot WHERE kind = ? AND name = ?", stream)
        return paths

    def byte_count(self) -> int:
        """Return the size of the workspace on disk, in bytes."""
        files = self.folder.rglob("*") if self.folder.is_dir() else ()
        return sum(path.stat().st_size for path in files if path.is_file())

    def close(self) -> None:
        """Close every connection; the workspace can be opened again."""
        if "engine" in self.__dict__:
            self.engine.close()
        # what it remembers is true of this very catalogue
        self.__dict__.pop("log", None)
        self._catalog.close()
        self.presence.withdraw()
