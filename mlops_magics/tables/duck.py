"""Where is DuckDB opened, and what may it do?

One in-memory engine an owner, one cursor an operation. It opens no database
file, installs nothing and reaches no network; times are UTC.
"""

import os
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from mlops_magics.errors.tables import DuplicateColumns, UnusableColumn

from .kinds import from_array, from_values, rounded
from .moments import no_zone
from .table import Reading, Table

DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
NAIVE_TIME = re.compile(r"TIMESTAMP(_S|_MS|_NS)?")
# Any decimal of so many digits is another float.
DIGITS_OF_A_FLOAT = 15


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
    """Read the whole result that a cursor holds, where its types are ours.

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
        Integers of 64 bits exact, also beside missing values; times in UTC.
    """
    described = [column[0] for column in cursor.description or []]
    arrays = cursor.fetchnumpy()
    readings = {}
    for physical, name in zip(described, names or described, strict=True):
        # given up one by one: a large table is not in memory twice
        readings[name] = _read(name, arrays.pop(physical))
    return assemble(readings)


def assemble(readings: Mapping[str, Reading]) -> Table:
    """Put columns that were read one by one together."""
    columns = {name: reading.column for name, reading in readings.items()}
    repairs = tuple(line for reading in readings.values() for line in reading.repairs)
    count = len(next(iter(columns.values()))) if columns else 0
    return Table(columns, count, repairs)


def read_select(
    cursor: duckdb.DuckDBPyConnection,
    select: str,
    parameters: object = None,
    names: Sequence[str] | Mapping[str, str] = (),
    says_zone: bool = False,
) -> dict[str, Reading]:
    """Run a SELECT of whatever types and read every column exactly.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        The very cursor that knows its tables.
    select : str
        One SELECT, without a semicolon.
    parameters : list or dict, optional
        Its parameters.
    names : sequence of str or mapping of str to str, optional
        Names of the columns in order, or for names of DuckDB's what they stand for; its
        own by default.
    says_zone : bool, default=False
        Whether it is said that times have no zone.

    Returns
    -------
    dict of str to Reading
        One a column, with its repairs; a column of `features` objects is read as
        the columns inside it.

    Raises
    ------
    DuplicateColumns, UnusableColumn
        If a name stands twice, or a column holds lists or objects.
    """
    # described first: a stream can be read only once. A comment may end the query.
    shown, types = _described(cursor, select, parameters)
    if isinstance(names, Mapping):
        shown = [names.get(name, name) for name in shown]
    elif names:
        shown = list(names)
    for place, (name, kind) in enumerate(zip(shown, types, strict=True)):
        if name == "features" and kind.startswith("STRUCT"):
            select, shown, types = _spread(cursor, select, parameters, (shown, place))
            break
    refuse_duplicates(shown)
    for name, kind in zip(shown, types, strict=True):
        if is_nested(kind):
            raise nested(name, "lists" if kind.endswith("]") else "objects")
    listed = [part for place, kind in enumerate(types) for part in _exactly(f"c{place}", kind)]
    given = ", ".join(f"c{place}" for place in range(len(types)))
    # every name is ours; the query is a subquery
    cursor.execute(f"SELECT {', '.join(listed)} FROM (\n{select}\n) AS t({given})", parameters)  # noqa: S608
    arrays = cursor.fetchnumpy()
    readings = {}
    for place, (name, kind) in enumerate(zip(shown, types, strict=True)):
        physical = f"c{place}"
        # given up one by one: a large table is not in memory twice
        reading = _whole(name, _read(name, arrays.pop(physical)), arrays.pop(f"{physical}_", None))
        said = (no_zone(name),) if says_zone and NAIVE_TIME.fullmatch(kind) else ()
        readings[name] = Reading(reading.column, (*reading.repairs, *said))
        if kind.startswith("ENUM"):
            readings[name] = as_category(readings[name])
    return readings


def _described(
    cursor: duckdb.DuckDBPyConnection, select: str, parameters: object
) -> tuple[list[str], list[str]]:
    rows = cursor.execute(f"DESCRIBE {select}", parameters).fetchall()
    return [row[0] for row in rows], [row[1] for row in rows]


def _spread(
    cursor: duckdb.DuckDBPyConnection, select: str, parameters: object, named: tuple[list[str], int]
) -> tuple[str, list[str], list[str]]:
    """Return the SELECT in which the columns inside one of objects come first."""
    names, place = named
    given = [f"c{i}" for i in range(len(names))]
    others = [name for i, name in enumerate(given) if i != place]
    listed = ", ".join([f"unnest(c{place})", *others])
    # every name is ours; the query is a subquery
    wide = f"SELECT {listed} FROM (\n{select}\n) AS t({', '.join(given)})"  # noqa: S608
    found, types = _described(cursor, wide, parameters)
    inside = found[: len(found) - len(others)]
    return wide, [*inside, *(name for i, name in enumerate(names) if i != place)], types


def is_nested(kind: str) -> bool:
    """Tell whether values of a DuckDB type hold several values.

    Examples
    --------
    >>> is_nested("INTEGER[]"), is_nested("DECIMAL(3,1)")
    (True, False)
    """
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "VARIANT"))


def nested(name: str, what: str) -> UnusableColumn:
    """Return the error of a column whose values hold several values."""
    step = "leave it out, or give what is inside columns of their own"
    return UnusableColumn(name, f"holds {what}", step)


def as_category(reading: Reading) -> Reading:
    """Return texts that their source calls categories under that kind."""
    if reading.column.stored_in != "text":
        return reading
    return Reading(reading.column.as_kind("category"), reading.repairs)


def _exactly(physical: str, kind: str) -> list[str]:
    """Return what is selected of a column, so that its array loses nothing.

    DuckDB's arrays hold wide integers and decimals as floats: what does not fit is
    told in a second column, of the texts that are not exact in the first.
    """
    decimal = DECIMAL.fullmatch(kind)
    if kind in ("HUGEINT", "UHUGEINT", "BIGNUM") or (decimal and decimal[2] == "0"):
        narrow = f"TRY_CAST({physical} AS BIGINT)"
        rest = f"CASE WHEN {narrow} IS NULL THEN CAST({physical} AS VARCHAR) END"
        return [f"{narrow} AS {physical}", f"{rest} AS {physical}_"]
    if decimal and int(decimal[1]) > DIGITS_OF_A_FLOAT:
        number = f"CAST({physical} AS DOUBLE)"
        # through the text: a double cast to a long decimal shows its binary digits
        again = f"TRY_CAST(CAST({number} AS VARCHAR) AS {kind})"
        return [f"{number} AS {physical}", f"{again} IS DISTINCT FROM {physical} AS {physical}_"]
    if kind == "DATE":  # an infinite day has no array
        return [f"CAST({physical} AS TIMESTAMP) AS {physical}"]
    return [physical]


def _read(name: str, array: Any) -> Reading:
    return from_array(name, np.ma.getdata(array), np.ma.getmaskarray(array).copy())


def _whole(name: str, reading: Reading, rest: Any) -> Reading:
    """Return a reading with what its first array could not hold."""
    if rest is None:
        return reading
    column = reading.column
    if column.stored_in == "float64":
        return Reading(column, (*reading.repairs, *rounded(name, int(np.count_nonzero(rest)))))
    narrow = np.ma.getmaskarray(rest)
    if narrow.all():
        return reading
    pairs = zip(column.to_list(), np.ma.getdata(rest), narrow, strict=True)
    return from_values(
        name, [number if is_narrow else int(text) for number, text, is_narrow in pairs]
    )
