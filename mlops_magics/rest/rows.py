"""Are these the rows of a table?

Objects of plain values, within bounds. What is not is named with its row and column;
which kind a column has is decided where tables are read.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_magics.errors.request import TooLarge
from mlops_magics.errors.tables import EmptyTable

from .bounds import COLUMNS, NAME_LETTERS, ROWS, TEXT_LETTERS
from .problems import Refused

PLAIN = frozenset({bool, int, str, type(None)})


def check_rows(rows: Sequence[Any], field: str = "rows") -> None:
    """Refuse what is no row of a table.

    Parameters
    ----------
    rows : sequence of object
        As they were parsed.
    field : str, default='rows'
        Where they stand in the body.

    Raises
    ------
    Refused
        With the row and the column.
    EmptyTable
        If there are none.
    TooLarge
        If there are more rows or columns than a server takes at once.

    Examples
    --------
    >>> check_rows([{"x": 1.5, "y": None}])
    """
    if not rows:
        raise EmptyTable("the table", "rows", "give at least one row")
    if len(rows) > ROWS:
        raise TooLarge("the table", f"{len(rows):,} rows", f"{ROWS:,}")
    for place, row in enumerate(rows):
        if type(row) is not dict:
            raise Refused.at((field, place), "a row is an object of names and values")
        _check_values(row, (field, place))


def check_row(row: Mapping[str, Any], field: str) -> None:
    """Refuse what is no single row.

    Parameters
    ----------
    row : mapping of str to object
        As it was parsed.
    field : str
        Where it stands in the body.

    Raises
    ------
    Refused
        With the column.
    TooLarge
        If it has more columns than a server takes at once.

    Examples
    --------
    >>> check_row({"x": 1.5}, "features")
    """
    _check_values(row, (field,))


def _check_values(row: Mapping[str, Any], path: tuple[str | int, ...]) -> None:
    if len(row) > COLUMNS:
        raise TooLarge("a row", f"{len(row):,} columns", f"{COLUMNS:,}")
    for name, value in row.items():
        kind = type(value)
        if kind is float:
            if not math.isfinite(value):
                raise Refused.at((*path, name), "the number is too large for 64 bits")
        elif kind is str:
            if len(value) > TEXT_LETTERS:
                size = f"a text of {len(value):,} letters, and {TEXT_LETTERS:,} is the most"
                raise Refused.at((*path, name), size)
        elif kind is dict and name == "features" and path[-1] != "features":
            _check_values(value, (*path, "features"))
        elif kind not in PLAIN:
            called = "an object" if kind is dict else "a list"
            raise Refused.at((*path, name), f"{called} is no value of a table")
        if len(name) > NAME_LETTERS:
            size = f"a name of {len(name):,} letters, and {NAME_LETTERS} is the most"
            raise Refused.at((*path, f"{name[:40]}…"), size)
