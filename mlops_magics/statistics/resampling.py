"""Between which values does a mean of rows lie, whatever its distribution?

The percentile bootstrap, of rows or of whole entities. It computes no metric itself:
whoever asks says what is made of the means.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .intervals import Interval

DRAWS = 1000
# Below, the bootstrap's own interval covers too little to be shown.
LEAST_ROWS = 10

Means = NDArray[np.float64]


def bootstrap(
    values: NDArray[np.float64],
    statistic: Callable[[Means], NDArray[np.float64]],
    groups: NDArray[np.int64] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Interval | None:
    """Return the bootstrap interval of something that is made of means over rows.

    Parameters
    ----------
    values : array of float, shape (n, q)
        What is averaged, row by row.
    statistic : callable
        Means of shape (draws, q) in, one number a draw out.
    groups : array of int, shape (n,), optional
        Entity of each row: entities are drawn then, with all their rows.
    level : float, default=0.95
        Share of such intervals that hold the true value.
    seed : int, default=0
        Of the draws.

    Returns
    -------
    Interval or None
        None under 10 rows or entities, and where a draw has no number.

    Notes
    -----
    Efron & Tibshirani (1993), percentile interval of 1,000 draws; by entities the
    means are ratios of sums, because entities differ in rows.

    Examples
    --------
    >>> values = np.arange(100.0)[:, None]
    >>> found = bootstrap(values, lambda means: means[:, 0])
    >>> round(found.low), round(found.high)
    (44, 55)
    """
    counts = np.ones(len(values))
    sums = values
    if groups is not None:
        _, member = np.unique(groups, return_inverse=True)
        counts = np.bincount(member).astype(np.float64)
        sums = np.stack([np.bincount(member, column) for column in values.T], axis=1)
    size = len(counts)
    if size < LEAST_ROWS:
        return None
    chance = np.random.default_rng(seed)
    means = np.empty((DRAWS, values.shape[1]))
    for draw in range(DRAWS):
        times = np.bincount(chance.integers(0, size, size), minlength=size)
        means[draw] = times @ sums / (times @ counts)
    drawn = statistic(means)
    if not np.isfinite(drawn).all():
        return None
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(low, high, level)


def mean_interval(
    differences: NDArray[np.float64], z: float = 1.959963984540054
) -> tuple[float, float, float]:
    """Return the mean of paired differences and the ends of its interval.

    Parameters
    ----------
    differences : array of float, shape (n,)
        One a row, at least two.
    z : float, default=1.959963984540054
        How many standard errors it reaches; 95 % by default.

    Returns
    -------
    tuple of (float, float, float)
        Mean, lower and upper end.

    Examples
    --------
    >>> [round(number, 2) for number in mean_interval(np.array([0.0, 1.0, 2.0, 1.0]))]
    [1.0, 0.2, 1.8]
    """
    middle = float(differences.mean())
    half = z * float(differences.std(ddof=1)) / np.sqrt(len(differences))
    return middle, float(middle - half), float(middle + half)
