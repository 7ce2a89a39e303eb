"""How many rows are as good as independent, where rows of one day are alike?

Weather, weekdays and a sale are the same for all rows of a day: a thousand rows of one
day say little more than one. What days differ by beyond chance says how little.
"""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64] | NDArray[np.float64]
# Fewer days do not show how much days differ, and no weekend.
LEAST_DAYS = 7
APART = 3


def alikeness(counts: Counts) -> float | None:
    """Return how alike rows of one day are, from the counts of several days.

    Parameters
    ----------
    counts : array, shape (days, bins)
        Rows of each day in each bin.

    Returns
    -------
    float or None
        The correlation of two rows of a day: 0 where days differ by chance alone, 1 where
        all rows of a day are the same. None of fewer than 7 days with rows.

    Notes
    -----
    Days three apart are compared, by the shares of all days: in the mean over pairs their
    chi-square over its degrees of freedom is 1 + (n - 1) r with n rows a day (Rao & Scott
    1981). Three apart, a weekend shows and the weather has changed; all days against
    their mean would call a lasting change alikeness, and it would never be seen.

    Examples
    --------
    >>> weekdays = np.eye(7)[np.arange(28) % 7] * 50
    >>> alikeness(weekdays)
    1.0
    >>> alikeness(np.tile([30, 20], (9, 1)))
    0.0
    """
    found = np.asarray(counts, np.float64)
    rows = found.sum(axis=1)
    found, rows = found[rows > 1], rows[rows > 1]
    found = found[:, found.sum(axis=0) > 0]
    if len(rows) < LEAST_DAYS:
        return None
    if found.shape[1] < 2:
        return 0.0
    shares, common = found / rows[:, None], found.sum(axis=0) / rows.sum()
    apart = ((shares[APART:] - shares[:-APART]) ** 2 / common).sum(axis=1)
    statistics = apart / (1 / rows[APART:] + 1 / rows[:-APART])
    factor = float(statistics.mean()) / (found.shape[1] - 1)
    # of days of unlike size, what a typical row sees
    typical = float((rows**2).sum() / rows.sum())
    return float(np.clip((factor - 1) / (typical - 1), 0.0, 1.0))


def design_effect(alike: float, rows: float, days: int) -> float:
    """Return by how much larger a chi-square is than that of independent rows.

    Parameters
    ----------
    alike : float
        As `alikeness` returns it.
    rows : float
        Rows of all days together.
    days : int
        How many days.

    Returns
    -------
    float
        At least 1; as many as a day has rows where they are all the same.

    Examples
    --------
    >>> design_effect(1.0, 700, 7), design_effect(0.0, 700, 7)
    (100.0, 1.0)
    """
    return 1.0 + max(rows / max(days, 1) - 1.0, 0.0) * alike
