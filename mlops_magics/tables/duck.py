"""Where is DuckDB opened, and what may it do?

One in-memory engine an owner, one cursor an operation. It opens no database
file, installs nothing and reaches no network; times are UTC.
"""

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from mlops_magics.errors.tables import DuplicateColumns

from .kinds import Reading, from_array
from .table import Table


def settings(temp_directory: Path | None) -> dict[str, Any]:
    """Return the settings of every engine: half of the memory, spill in one folder."""
    chosen: dict[str, Any] = {
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": f"{memory_bytes() // 2 // 2**20}MiB",
        "threads": min(os.cpu_count() or 1, 8),
        "preserve_insertion_order": True,
    }
    if temp_directory is not None:
        chosen["temp_directory"] = str(temp_directory)
        chosen["max_temp_directory_size"] = f"{spill_bytes(temp_directory) // 2**20}MiB"
    return chosen


def memory_bytes() -> int:
    """Return this machine's memory; 4 GiB where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 4 * 2**30


def spill_bytes(folder: Path) -> int:
    """Return how much may be spilled into a folder: half of what is free there."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free // 2


class Engine:
    """DuckDB in memory, opened at the first cursor.

    Parameters
    ----------
    temp_directory : Path, optional
        Where a query larger than the memory spills; made when it is needed.

    Examples
    --------
    >>> engine = Engine()
    >>> engine.cursor().execute("SELECT 6 * 7").fetchall()
    [(42,)]
    """

    def __init__(self, temp_directory: Path | None = None) -> None:
        self._temp_directory = temp_directory
        self._connection: duckdb.DuckDBPyConnection | None = None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a fresh cursor; tables registered on it are its own."""
        if self._connection is None:
            self._connection = duckdb.connect(config=settings(self._temp_directory))
            # belongs to the calendar extension, which loads with the connection
            self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        return self._connection.cursor()

    def close(self) -> None:
        """Close the engine; the next cursor opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def refuse_duplicates(names: Sequence[str]) -> None:
    """Raise DuplicateColumns if one name stands twice."""
    for name, count in Counter(names).items():
        if count > 1:
            raise DuplicateColumns(name, count)


def from_cursor(cursor: duckdb.DuckDBPyConnection, names: list[str] | None = None) -> Table:
    """Read the whole result that a cursor holds.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        After `execute`.
    names : list of str, optional
        Names of the columns in order; DuckDB's own by default (it renames
        columns that differ by case alone).

    Returns
    -------
    Table
        Integers exact, also beside missing values; times in UTC.
    """
    readings = read_arrays(cursor, names)
    columns = {name: reading.column for name, reading in readings.items()}
    repairs = tuple(line for reading in readings.values() for line in reading.repairs)
    count = len(next(iter(columns.values()))) if columns else 0
    return Table(columns, count, repairs)


def read_arrays(cursor: duckdb.DuckDBPyConnection, names: list[str] | None) -> dict[str, Reading]:
    """Read every column of the result, with its repairs."""
    described = cursor.description or []
    physical = [column[0] for column in described]
    types = [str(column[1]) for column in described]
    # its arrays are keyed by name: two columns of one name would become one array
    refuse_duplicates(names or physical)
    arrays = cursor.fetchnumpy()
    readings = {}
    for place, name in enumerate(names or physical):
        array = arrays[physical[place]]
        missing = np.ma.getmaskarray(array).copy()
        values = np.ma.getdata(array)
        reading = from_array(name, values, missing)
        if types[place].startswith("ENUM") and reading.column.values.dtype.kind == "O":
            reading = Reading(reading.column.as_kind("category"), reading.repairs)
        readings[name] = reading
    return readings
