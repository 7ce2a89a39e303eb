"""What is a table, once it is inside?

Columns as NumPy arrays, each with its kind and a mask of what is missing. It
reads no file and converts nothing; `reading` makes it, `giving` turns it back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.tables import MissingColumn

Kind = Literal["number", "integer", "boolean", "category", "time", "text", "identifier"]
Value = bool | int | float | str | datetime | None
# Whose table it was; what a user gives comes back as the same.
Form = Literal["pandas", "polars", "pyarrow"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STORED_IN: dict[str, str] = {"f": "float64", "i": "int64", "b": "bool", "O": "text"}


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: its kind, its values and which of them are missing.

    Parameters
    ----------
    kind : str
        number, integer, boolean, category, time, text or identifier.
    values : array, shape (n,)
        float64 for number; int64 for integer; bool for boolean; int64
        microseconds since 1970 UTC for time; str objects for category and
        text; int64 or str objects for identifier. Where missing: NaN, 0,
        False or the empty text.
    missing : array of bool, shape (n,)
        True where there is no value.

    Examples
    --------
    >>> age = Column("integer", np.array([3, 0]), np.array([False, True]))
    >>> age.to_list()
    [3, None]
    """

    kind: Kind
    values: NDArray[Any]
    missing: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def stored_in(self) -> str:
        """How a value is stored: float64, int64, bool, time or text."""
        return "time" if self.kind == "time" else STORED_IN[self.values.dtype.kind]

    def take(self, rows: NDArray[Any]) -> "Column":
        """Return the rows of these positions, or of this mask."""
        return Column(self.kind, self.values[rows], self.missing[rows])

    def as_kind(self, kind: Kind) -> "Column":
        """Return the same values under another kind that is stored the same way."""
        return Column(kind, self.values, self.missing)

    def to_list(self) -> list[Value]:
        """Return plain Python values, None where missing, times in UTC."""
        values: list[Value] = self.values.tolist()
        if self.kind == "time":
            values = [EPOCH + timedelta(microseconds=v) for v in self.values.tolist()]
        # counting is the cheapest question to ask of one value, and most columns miss none
        if np.count_nonzero(self.missing):
            for row in np.flatnonzero(self.missing).tolist():
                values[row] = None
        return values

    def to_floats(self) -> NDArray[np.float64]:
        """Return number, integer, boolean or time as float64, NaN where missing."""
        floats = self.values.astype(np.float64)
        return np.where(self.missing, np.nan, floats)


@dataclass(frozen=True, slots=True)
class Reading:
    """A column as it was read, and what was repaired on the way in."""

    column: Column
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Named columns of one length, in order.

    Parameters
    ----------
    columns : mapping of str to Column
        In the order of the source.
    row_count : int
        Number of rows; also known where there are no columns.
    repairs : tuple of str, default=()
        What was changed on the way in, one line each.
    index : object, default=None
        The index of the pandas DataFrame it came from, to be given back.
    form : str, default='pandas'
        The kind of table that a result goes out as: pandas, polars or pyarrow.

    Examples
    --------
    >>> table = Table.of({"x": Column("integer", np.arange(3), np.zeros(3, bool))})
    >>> table.row_count, table.names
    (3, ('x',))
    """

    columns: Mapping[str, Column]
    row_count: int
    repairs: tuple[str, ...] = ()
    index: Any = field(default=None, repr=False)
    form: Form = "pandas"

    @classmethod
    def of(cls, columns: Mapping[str, Column]) -> "Table":
        """Return the table of these columns, which have one length."""
        lengths = {len(column) for column in columns.values()}
        assert len(lengths) <= 1, lengths
        return cls(dict(columns), lengths.pop() if lengths else 0)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.columns)

    def __len__(self) -> int:
        return self.row_count

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def column(self, name: str, next_step: str = "name one of its columns") -> Column:
        """Return one column.

        Parameters
        ----------
        name : str
            The column.
        next_step : str, optional
            What an error says to do next.

        Returns
        -------
        Column
            The column of this name.

        Raises
        ------
        MissingColumn
            If the table has no column of this name.
        """
        if name not in self.columns:
            raise MissingColumn(name, self.columns, "the table", next_step)
        return self.columns[name]

    def select(self, names: Iterable[str]) -> "Table":
        """Return only these columns, in this order."""
        chosen = {name: self.column(name) for name in names}
        return replace(self, columns=chosen)

    def without(self, names: Iterable[str]) -> "Table":
        """Return all columns but these."""
        left_out = set(names)
        kept = {name: column for name, column in self.columns.items() if name not in left_out}
        return replace(self, columns=kept)

    def with_columns(self, columns: Mapping[str, Column]) -> "Table":
        """Return the table with these columns added or replaced."""
        assert all(len(column) == self.row_count for column in columns.values())
        return replace(self, columns={**self.columns, **columns})

    def take(self, rows: NDArray[Any]) -> "Table":
        """Return the rows of these positions, or of this mask, in this order."""
        taken = {name: column.take(rows) for name, column in self.columns.items()}
        count = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
        index = None if self.index is None else self.index[rows]
        return replace(self, columns=taken, row_count=count, index=index)

    def rows(self) -> list[dict[str, Value]]:
        """Return one plain dict a row, None where missing."""
        lists = [column.to_list() for column in self.columns.values()]
        if not lists:
            return [{} for _ in range(self.row_count)]
        return [dict(zip(self.columns, row, strict=True)) for row in zip(*lists, strict=True)]
