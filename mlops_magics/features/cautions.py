"""What will hurt later?

Said at the write, one line each, with a first example: rows that contradict
each other, that lie in the future, that came too late to be seen, columns that
say nothing.
"""

import numpy as np

from mlops_magics.tables.summaries import ColumnProfile
from mlops_magics.tables.table import Table

from .counting import rows
from .incoming import Incoming
from .news import Groups

DAY = 24 * 3600 * 1_000_000


def rows_said(
    incoming: Incoming, groups: Groups, key: tuple[str, ...], now: int
) -> tuple[str, ...]:
    """Say what is wrong with rows of a write.

    Parameters
    ----------
    incoming : Incoming
        The rows.
    groups : Groups
        Which of them have one key and time.
    key : tuple of str
        The key columns.
    now : int
        The moment of the write, microseconds.

    Returns
    -------
    tuple of str
        One line each.
    """
    said = []
    differs = _differs_from_last(incoming.features, groups)
    if len(differs):
        has = "has" if len(differs) == 1 else "have"
        same = "key" if incoming.times is None else "key and time"
        example = incoming.describe(int(differs[0]), key)
        said.append(
            f"{rows(len(differs))} {has} other values than a later row of the same {same}"
            f" ({example}); the last one written counts"
        )
    if incoming.times is not None:
        future = np.flatnonzero(incoming.times.values > now)
        if len(future):
            lies, them = ("lies", "it") if len(future) == 1 else ("lie", "them")
            example = incoming.describe(int(future[0]), key)
            said.append(
                f"{rows(len(future))} {lies} in the future ({example});"
                f" no join sees {them} before then"
            )
    return tuple(said)


def late_said(count: int) -> tuple[str, ...]:
    """Say that rows came too late to be seen by the moments that they are about.

    Parameters
    ----------
    count : int
        Rows that were true more than a day before this write.

    Returns
    -------
    tuple of str
        Empty where there are none.

    Examples
    --------
    >>> late_said(0)
    ()
    """
    if not count:
        return ()
    are, them = ("is", "it") if count == 1 else ("are", "them")
    return (
        f"{rows(count)} {are} older than a day and known from now on: no earlier moment will"
        f" see {them}. If this is history, write it again with --history",
    )


def columns_said(profiles: tuple[ColumnProfile, ...]) -> tuple[str, ...]:
    """Say which columns tell nothing.

    Parameters
    ----------
    profiles : tuple of ColumnProfile
        The features of a write.

    Returns
    -------
    tuple of str
        One line each.
    """
    said = []
    for profile in profiles:
        if profile.missing_count == profile.row_count:
            said.append(f"{profile.name} is missing in every row")
        elif profile.distinct_count == 1 and profile.row_count > 1:
            said.append(f"{profile.name} has one value only")
        elif profile.missing_share > 0.5:
            share = f"{profile.missing_share:.0%}".replace("%", " %")
            said.append(f"{profile.name} is missing in {share} of the rows")
    return tuple(said)


def _differs_from_last(
    features: Table, groups: Groups
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return the places of rows that a later row of their key and time contradicts."""
    last = groups.last[groups.group]
    earlier = np.flatnonzero(last != np.arange(len(last)))
    differs = np.zeros(len(earlier), bool)
    for column in features.columns.values():
        mine, theirs = column.take(earlier), column.take(last[earlier])
        same = (mine.missing & theirs.missing) | (
            ~mine.missing & ~theirs.missing & (mine.values == theirs.values)
        )
        differs |= ~same
    return earlier[differs]
