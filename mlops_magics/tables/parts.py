"""How is a table read that does not fit into memory?

Part by part: a Parquet file by the places of its rows, a CSV file as the Parquet file
that it is written to first, anything else in slices. It writes one file of many parts.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from mlops_magics.errors.error import MLOpsError, shown
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.tables import EmptyTable, UnreadableTable

from .csv_file import copy_csv
from .duck import Engine, assemble, read_select
from .encoding import as_utf8
from .file_reading import CSV, PARQUET, kind_of, top_level
from .files import FORMATS
from .giving import write_parquet
from .quoting import identifier, literal, names_apart
from .reading import read_table
from .table import Table

# Rows at a time: fifty columns of them take about 20 MB.
ROWS_OF_A_PART = 50_000
PLACE = "file_row_number"


@dataclass(slots=True)
class Parts:
    """A table that is read part by part, as often as it is wanted.

    Parameters
    ----------
    row_count : int
        All rows.
    repairs : tuple of str
        What was mended in the whole of it.
    """

    row_count: int
    repairs: tuple[str, ...]
    whole: Table | None = None
    engine: Any = None
    path: Path | None = None
    names: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Table]:
        for begin in range(0, self.row_count, ROWS_OF_A_PART):
            end = min(begin + ROWS_OF_A_PART, self.row_count)
            if self.whole is not None:
                yield self.whole.take(np.arange(begin, end))
            else:
                yield self._read(begin, end)

    def _read(self, begin: int, end: int) -> Table:
        select = (
            f"SELECT * EXCLUDE ({PLACE}) FROM read_parquet({literal(str(self.path))}, "  # noqa: S608
            f"{PLACE} = true) WHERE {PLACE} >= {begin:d} AND {PLACE} < {end:d}"
        )
        table = assemble(read_select(self.engine.cursor(), select, None, list(self.names)))
        return Table(table.columns, table.row_count, table.repairs)


@contextmanager
def read_parts(data: object, what: str = "the table") -> Iterator[Parts]:
    """Open any table to be read part by part.

    Parameters
    ----------
    data : object
        As `read_table` takes it. Parquet and CSV files are never in memory as a whole.
    what : str, default='the table'
        How errors call it.

    Yields
    ------
    Parts
        For as long as the `with` block lasts.

    Raises
    ------
    UnreadableTable, EmptyTable
        If it is no table, or one without rows.

    Examples
    --------
    >>> with read_parts({"a": [1, 2, 3]}) as parts:
    ...     [len(part) for part in parts]
    [3]
    """
    path = Path(data).expanduser() if isinstance(data, str | Path) else None
    if path is None or kind_of(path) not in (*CSV, *PARQUET) or not _is_file(path):
        table = read_table(data, what)
        yield Parts(table.row_count, table.repairs, whole=table)
        return
    with tempfile.TemporaryDirectory(prefix="mlops_") as folder, _opened(path, folder) as parts:
        if not parts.names or not parts.row_count:
            missing = "rows" if parts.names else "columns"
            raise EmptyTable(what, missing, "give at least one row")
        yield parts


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # no path of this machine; `read_table` says why
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvCopy:
    """A CSV file as the Parquet file that it was written to.

    Attributes
    ----------
    path : Path
        The Parquet file, with columns c0, c1, ...
    names : tuple of str
        How they are called; none for an empty file.
    repairs : tuple of str
        What was mended.
    """

    path: Path
    names: tuple[str, ...]
    repairs: tuple[str, ...]


def copy_of_csv(path: Path, target: Path) -> CsvCopy:
    """Write a CSV file as Parquet by the rules of `read_table`, in bounded memory.

    Parameters
    ----------
    path : Path
        The CSV file.
    target : Path
        The Parquet file, in a folder that takes what does not fit into memory.

    Returns
    -------
    CsvCopy
        What was written.

    Raises
    ------
    UnreadableTable
        If it cannot be read.
    """
    try:
        with as_utf8(path) as decoded:
            names, repairs = copy_csv(decoded, kind_of(path), target)
    except MLOpsError:
        raise
    except (duckdb.Error, OSError, EOFError, ValueError) as error:
        raise _unreadable(path, error) from error
    return CsvCopy(path=target, names=tuple(names), repairs=repairs)


def _unreadable(path: Path, error: Exception) -> UnreadableTable:
    reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
    what = f"the file {shown(str(path))}"
    return UnreadableTable(what, reason, "open it and check its first lines")


@contextmanager
def _opened(path: Path, folder: str) -> Iterator[Parts]:
    engine = Engine(Path(folder))
    try:
        yield _parts(engine, path, Path(folder))
    finally:
        engine.close()


def _parts(engine: Engine, path: Path, folder: Path) -> Parts:
    named: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    if kind_of(path) in CSV:
        copy = copy_of_csv(path, folder / "copy.parquet")
        if not copy.names:
            return Parts(0, copy.repairs)
        path, named, repairs = copy.path, copy.names, copy.repairs
    try:
        cursor = engine.cursor()
        schema = cursor.execute(
            "SELECT name, num_children FROM parquet_schema(?)", [str(path)]
        ).fetchall()
        counted = cursor.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone()
        assert counted is not None
        named = named or tuple(top_level(schema))
        return Parts(int(counted[0]), repairs, engine=engine, path=path, names=named)
    except (duckdb.Error, OSError, EOFError, ValueError) as error:
        raise _unreadable(path, error) from error


class PartWriter:
    """Writes tables one after another into one new file, whole or not at all.

    Parameters
    ----------
    path : Path
        A .parquet or .csv file that is not there, as `check_new_file` allows it.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp()) / "numbers.csv"
    >>> with PartWriter(path) as writer:
    ...     for number in (1, 2):
    ...         writer.add(read_table({"n": [number]}))
    >>> path.read_text().split()
    ['n', '1', '2']
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = path.with_name(f".{path.name}-{os.getpid()}")
        self._parts: list[Path] = []
        self._columns: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._engine = Engine(self._folder)

    def __enter__(self) -> "PartWriter":
        try:
            self._folder.mkdir()
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def add(self, table: Table) -> None:
        """Add rows; every table has the columns of the first one."""
        physical = {f"c{place}": column for place, column in enumerate(table.columns.values())}
        self._names = dict(zip(table.names, names_apart(table.names), strict=True))
        self._columns = {
            called: f"make_timestamptz({part})" if physical[part].stored_in == "time" else part
            for called, part in zip(self._names.values(), physical, strict=True)
        }
        part = self._folder / f"{len(self._parts):08d}.parquet"
        try:
            write_parquet(self._engine.cursor(), physical, part)
        except (OSError, duckdb.Error) as error:
            raise self._unwritable(error) from error
        self._parts.append(part)

    @property
    def said(self) -> tuple[str, ...]:
        """Which columns are called otherwise in the file, one line each."""
        return tuple(
            f"{name!r} is called {called!r} there: capital letters alone tell no columns apart"
            for name, called in self._names.items()
            if called != name
        )

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._join()
        finally:
            self._engine.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _join(self) -> None:
        listed = ", ".join(f"{sql} AS {identifier(name)}" for name, sql in self._columns.items())
        files = ", ".join(literal(str(part)) for part in self._parts)
        joined = self._folder / f"joined{self._path.suffix}"
        form = FORMATS[self._path.suffix.lower()]
        try:
            # names and paths are quoted
            self._engine.cursor().execute(
                f"COPY (SELECT {listed} FROM read_parquet([{files}])) "  # noqa: S608
                f"TO {literal(str(joined))} ({form})"
            )
            # a link fails where a file has appeared meanwhile, a rename would replace it
            os.link(joined, self._path)
        except (OSError, duckdb.Error) as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: Exception) -> BadArgument:
        said = str(error).splitlines()[0][:200]
        return BadArgument("path", str(self._path), f"a path that can be written ({said})")
