"""What is in a column, in one line?

Missing share, distinct values, range or commonest values, and the bars of a
small histogram. For showing; drift has baselines of its own.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from .table import Column, Kind, Table, Value

BARS = 12
# Fewer different values than this get a bar each.
VALUES_WITH_A_BAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """One column in one line.

    Attributes
    ----------
    name, kind : str
        The column and its kind.
    row_count, missing_count, distinct_count : int
        Rows, rows without a value, different values.
    low, high : value, optional
        Smallest and largest value of a number, integer or time.
    top : tuple of (str, int)
        The commonest values of a category, text or boolean with their counts.
    bars : tuple of int
        Heights of a small histogram, left to right.
    """

    name: str
    kind: Kind
    row_count: int
    missing_count: int
    distinct_count: int
    low: Value = None
    high: Value = None
    top: tuple[tuple[str, int], ...] = ()
    bars: tuple[int, ...] = ()

    @property
    def missing_share(self) -> float:
        """Share of the rows without a value, 0 to 1."""
        return self.missing_count / self.row_count if self.row_count else 0.0


def profile(table: Table) -> tuple[ColumnProfile, ...]:
    """Return the profile of every column, in order.

    Parameters
    ----------
    table : Table
        Any number of rows.

    Returns
    -------
    tuple of ColumnProfile
        One a column.

    Examples
    --------
    >>> column = Column("integer", np.array([1, 1, 4]), np.zeros(3, bool))
    >>> profile(Table.of({"n": column}))[0].high
    4
    """
    return tuple(_profile(name, column) for name, column in table.columns.items())


def _profile(name: str, column: Column) -> ColumnProfile:
    present = column.take(~column.missing)
    missing = len(column) - len(present)
    if column.kind in ("category", "text", "boolean") or column.stored_in == "text":
        counts = Counter(map(str, present.values.tolist()))
        common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return ColumnProfile(
            name=name,
            kind=column.kind,
            row_count=len(column),
            missing_count=missing,
            distinct_count=len(counts),
            top=tuple(common[:3]),
            bars=tuple(count for _, count in common[:BARS]) if len(counts) < len(present) else (),
        )
    distinct, counted = np.unique(present.values, return_counts=True)
    low, high = (distinct[0], distinct[-1]) if len(distinct) else (None, None)
    bars = (
        counted if len(distinct) <= VALUES_WITH_A_BAR else np.histogram(_spread(present), BARS)[0]
    )
    return ColumnProfile(
        name=name,
        kind=column.kind,
        row_count=len(column),
        missing_count=missing,
        distinct_count=len(distinct),
        low=_plain(low, column.kind),
        high=_plain(high, column.kind),
        bars=tuple(bars.tolist()),
    )


def _spread(column: Column) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return column.values.astype(np.float64)


def _plain(value: "np.generic | None", kind: Kind) -> Value:
    if value is None:
        return None
    return Column(kind, np.array([value]), np.zeros(1, bool)).to_list()[0]
