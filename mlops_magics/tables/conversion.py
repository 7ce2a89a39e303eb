"""Can these values be read as that kind?

What a user types, what JSON sends and what a later table holds are converted
to the kind that was decided earlier. What cannot be read is marked, not lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.tables import UnusableValue

from .kinds import as_text
from .moments import to_micros
from .table import Column, Kind, Table, Value

TRUE = frozenset({"true", "yes", "1", "t", "y"})
FALSE = frozenset({"false", "no", "0", "f", "n"})


@dataclass(frozen=True, slots=True, eq=False)
class Conversion:
    """A column under another kind, and which values could not be read.

    Attributes
    ----------
    column : Column
        Missing where a value was missing or unusable.
    unusable : array of bool, shape (n,)
        True where there was a value that is none of this kind.
    """

    column: Column
    unusable: NDArray[np.bool_]


def convert(column: Column, kind: Kind) -> Conversion:
    """Read a column as another kind.

    Parameters
    ----------
    column : Column
        As it came.
    kind : str
        The kind that was decided earlier.

    Returns
    -------
    Conversion
        The column under that kind, and the mask of unusable values.

    Examples
    --------
    >>> texts = Column("category", np.array(["1", "x"], dtype=object), np.zeros(2, bool))
    >>> convert(texts, "integer").column.to_list()
    [1, None]
    """
    if kind in ("category", "text") or (kind == "identifier" and column.stored_in == "text"):
        return Conversion(_to_text(column, kind), np.zeros(len(column), bool))
    if column.stored_in == _stored(kind):
        return Conversion(column.as_kind(kind), np.zeros(len(column), bool))
    if column.stored_in in ("int64", "bool") and kind == "number":
        floats = np.where(column.missing, np.nan, column.values.astype(np.float64))
        return Conversion(Column(kind, floats, column.missing), np.zeros(len(column), bool))
    return _one_by_one(column, kind)


def below(first: Table, second: Table) -> Table:
    """Return the rows of two tables, one below the other, in the columns of the first.

    Parameters
    ----------
    first, second : Table
        The second has every column of the first.

    Returns
    -------
    Table
        Where a column is of two kinds, numbers stay numbers and all else is read as text.

    Examples
    --------
    >>> one = Table.of({"x": Column("integer", np.array([1]), np.zeros(1, bool))})
    >>> two = Table.of({"x": Column("number", np.array([1.5]), np.zeros(1, bool))})
    >>> below(one, two).columns["x"].to_list()
    [1.0, 1.5]
    """
    columns = {}
    for name, column in first.columns.items():
        other = second.columns[name]
        if column.stored_in != other.stored_in:
            is_numeric = {column.stored_in, other.stored_in} <= {"float64", "int64", "bool"}
            kind: Kind = "number" if is_numeric else "category"
            column, other = convert(column, kind).column, convert(other, kind).column
        values = np.concatenate([column.values, other.values])
        missing = np.concatenate([column.missing, other.missing])
        columns[name] = Column(column.kind, values, missing)
    return Table(columns, len(first) + len(second))


def _stored(kind: Kind) -> str:
    stored = {"number": "float64", "boolean": "bool", "time": "time"}
    return stored.get(kind, "int64")


def _to_text(column: Column, kind: Kind) -> Column:
    if column.stored_in == "text":
        return column.as_kind(kind)
    plain = column.to_list()
    texts = [
        ""
        if value is None
        else value.isoformat()
        if isinstance(value, datetime)
        else as_text(value)
        for value in plain
    ]
    return Column(kind, np.array([*texts, None], dtype=object)[:-1], column.missing)


def _one_by_one(column: Column, kind: Kind) -> Conversion:
    read = _READERS[_stored(kind)]
    values = [None if v is None else read(v) for v in column.to_list()]
    missing = np.array([v is None for v in values], bool)
    filler: Any = {"number": np.nan, "boolean": False}.get(kind, 0)
    dtype = {"number": np.float64, "boolean": np.bool_}.get(kind, np.int64)
    filled: NDArray[Any] = np.array([filler if v is None else v for v in values], dtype)
    return Conversion(Column(kind, filled, missing), missing & ~column.missing)


def read_value(text: str, kind: Kind, name: str) -> Value:
    """Read what a person typed as a value of this kind.

    Parameters
    ----------
    text : str
        As typed, without quotes.
    kind : str
        The column's kind.
    name : str
        The column, for the error.

    Returns
    -------
    bool, int, float, str or datetime
        The value.

    Raises
    ------
    UnusableValue
        If the text is none of this kind.

    Examples
    --------
    >>> read_value("3", "integer", "tenure")
    3
    """
    typed = Column("category", np.array([text, None], dtype=object)[:-1], np.zeros(1, bool))
    conversion = convert(typed, kind)
    if conversion.unusable[0]:
        raise UnusableValue(name, text, kind, f"write {name}=VALUE with {_EXAMPLES[kind]}")
    return conversion.column.to_list()[0]


_EXAMPLES = {
    "number": "a number such as 3.5",
    "integer": "a whole number such as 3",
    "identifier": "a whole number such as 42",
    "boolean": "true or false",
    "time": "a time such as 2024-06-01T12:00",
}


def _read_float(value: Any) -> float | None:
    try:
        number = value.timestamp() if isinstance(value, datetime) else float(value)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _read_integer(value: Any) -> int | None:
    try:
        number = int(value) if isinstance(value, str) else value
    except ValueError:
        number = _read_float(value)
    if isinstance(number, datetime) or number is None or number != int(number):
        return None
    return int(number) if -(2**63) <= number < 2**63 else None


def _read_boolean(value: Any) -> bool | None:
    word = as_text(value).strip().lower()
    return True if word in TRUE else False if word in FALSE else None


def _read_time(value: Any) -> int | None:
    try:
        return to_micros(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except ValueError:
        return None


_READERS: dict[str, Callable[[Any], float | int | bool | None]] = {
    "float64": _read_float,
    "int64": _read_integer,
    "bool": _read_boolean,
    "time": _read_time,
}
