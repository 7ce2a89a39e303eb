"""At which moment is each row asked for?"""

import numpy as np

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.tables import UnusableColumn
from mlops_magics.tables.conversion import convert
from mlops_magics.tables.kinds import from_values
from mlops_magics.tables.table import Column, Table


def moment_of(value: object) -> int:
    """Return a time as microseconds since 1970 UTC.

    Parameters
    ----------
    value : datetime, str or int
        An integer is microseconds already; a time without a zone is of UTC.

    Returns
    -------
    int
        Microseconds.

    Raises
    ------
    BadArgument
        If it is no time.

    Examples
    --------
    >>> moment_of("1970-01-02")
    86400000000
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    conversion = convert(from_values("time", [value]).column, "time")
    if conversion.unusable[0]:
        raise BadArgument("the time", value, "a time such as 2024-06-01T12:00")
    return int(conversion.column.values[0])


def moments_of_rows(table: Table, time: str | None, now: int) -> Column:
    """Return the moment of each row.

    Parameters
    ----------
    table : Table
        The rows.
    time : str or None
        The column that says when a row is true; now where None.
    now : int
        The moment, microseconds.

    Returns
    -------
    Column of time
        One a row; a row of a spine may lack it, and then finds nothing.

    Raises
    ------
    MissingColumn, UnusableColumn
        If there is no such column, or it is no time.
    """
    if time is None:
        return Column("time", np.full(len(table), now), np.zeros(len(table), bool))
    column = table.column(time, "--time with a column of the table")
    conversion = convert(column, "time")
    if conversion.unusable.any() or (column.kind != "time" and column.stored_in != "text"):
        problem = f"is {column.kind} and no time"
        raise UnusableColumn(time, problem, "make it a time, for example with pandas.to_datetime")
    return conversion.column
