"""Where in a cell does the cursor stand: in a magic's line, or in a features cell's SQL?

It reads the text alone, and half-written text too. What may stand at the cursor
is answered by `completion` and `sql_completion`.
"""

import re
from dataclasses import dataclass

HEAD = re.compile(r"\s*%%features(?:\s|\Z)")


@dataclass(frozen=True, slots=True)
class Query:
    r"""The SQL of a features cell, divided at the cursor.

    Parameters
    ----------
    before, after : str
        What stands on each side.

    Examples
    --------
    >>> query_at("%%features c --key k\nSELECT a.x FROM a", 1, 9)
    Query(before='SELECT a.', after='x FROM a')
    """

    before: str
    after: str


def query_at(cell: str, row: int, column: int) -> Query | None:
    """Return the SQL around the cursor.

    Parameters
    ----------
    cell : str
        The whole cell.
    row, column : int
        The cursor, both from 0.

    Returns
    -------
    Query or None
        None where the cell is no features cell or the cursor stands in its line.

    Examples
    --------
    >>> query_at("%%features customers --k", 0, 24)
    """
    lines = cell.split("\n")
    head = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if row <= head or not HEAD.match(lines[head]):
        return None
    before = [*lines[head + 1 : row], lines[row][:column]]
    after = [lines[row][column:], *lines[row + 1 :]]
    return Query("\n".join(before), "\n".join(after))


def line_before(cell: str, row: int, column: int) -> str:
    r"""Return the line up to the cursor, with the lines that continue into it.

    Parameters
    ----------
    cell : str
        The whole cell.
    row, column : int
        The cursor, both from 0.

    Returns
    -------
    str
        One line; a backslash at a line's end and the break after it are a blank.

    Examples
    --------
    >>> line_before("x = 1\n%train churn \\\n  --da", 2, 6)
    '%train churn    --da'
    """
    lines = cell.split("\n")
    first = row
    while first and lines[first - 1].endswith("\\"):
        first -= 1
    continued = [line[:-1] + " " for line in lines[first:row]]
    return "".join([*continued, lines[row][:column]])
