"""Which windows have closed?

A window closes when its UTC day has ended and it holds 100 events; else it takes the
next day as well. Windows are disjoint and in order. It knows counts of days only.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .tallies import HOURS_OF_A_DAY, MICROSECONDS_OF_AN_HOUR

FEWEST_ROWS = 100
DAY = HOURS_OF_A_DAY * MICROSECONDS_OF_AN_HOUR


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Some UTC days that are judged together.

    Parameters
    ----------
    begin, end : int
        Days since 1970 UTC, without `end`.
    rows : int
        Events in it.

    Examples
    --------
    >>> Window(0, 2, 150).span
    (0, 172800000000)
    """

    begin: int
    end: int
    rows: int

    @property
    def hours(self) -> tuple[int, int]:
        """Begin and end in hours since 1970 UTC."""
        return self.begin * HOURS_OF_A_DAY, self.end * HOURS_OF_A_DAY

    @property
    def span(self) -> tuple[int, int]:
        """Begin and end in microseconds since 1970 UTC."""
        return self.begin * DAY, self.end * DAY


def closed(days: Mapping[int, int], today: int, fewest: int = FEWEST_ROWS) -> list[Window]:
    """Return the windows that have closed.

    Parameters
    ----------
    days : mapping of int to int
        Events of each UTC day that is not judged yet; days without events may be left out.
    today : int
        The day that has not ended.
    fewest : int, default=100
        Events that a window needs.

    Returns
    -------
    list of Window
        In order; what is left over waits for more.

    Examples
    --------
    >>> closed({1: 120, 2: 40, 4: 70, 5: 300}, today=5)
    [Window(begin=1, end=2, rows=120), Window(begin=2, end=5, rows=110)]
    """
    found: list[Window] = []
    begin, rows = None, 0
    for day in sorted(days):
        if day >= today or not days[day]:
            continue
        begin = day if begin is None else begin
        rows += days[day]
        if rows >= fewest:
            found.append(Window(begin, day + 1, rows))
            begin, rows = None, 0
    return found
