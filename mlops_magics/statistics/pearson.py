"""Do two samples share their categories alike?

Pearson's chi-square for two rows of counts. It is a little sharper than the index
of `drift` for categories and for missing values (measured), and gives no size.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import chi_square

Counts = NDArray[np.int64] | NDArray[np.float64]

# The chi-square is a poor limit where a cell expects fewer rows (Cochran 1954).
LEAST_EXPECTED = 5.0


class Pearson(NamedTuple):
    """A test of two rows of counts.

    Parameters
    ----------
    statistic : float
        Sum of (observed - expected)^2 / expected.
    degrees : int
        Cells compared, less one.
    p_value : float
        Chance of such a statistic where nothing has moved; 1 with one cell.

    Examples
    --------
    >>> Pearson(0.0, 0, 1.0).p_value
    1.0
    """

    statistic: float
    degrees: int
    p_value: float


def compare(base: Counts, window: Counts) -> Pearson:
    """Compare two rows of counts, cells that are empty in both left out.

    Parameters
    ----------
    base : array, shape (cells,)
        Rows of the baseline in each cell.
    window : array, shape (cells,)
        Rows of the later window in each cell.

    Returns
    -------
    Pearson
        Without a correction for continuity.

    Examples
    --------
    >>> found = compare(np.full(10, 100), np.array([12, 9, 11, 10, 8, 10, 14, 7, 9, 10]))
    >>> round(found.p_value, 10)
    0.9537510245
    """
    both = np.stack([np.asarray(base, np.float64), np.asarray(window, np.float64)])
    both = both[:, both.sum(axis=0) > 0]
    rows = both.sum(axis=1, keepdims=True)
    if both.shape[1] < 2 or not rows.all():
        return Pearson(0.0, max(both.shape[1] - 1, 0), 1.0)
    expected = rows * both.sum(axis=0) / both.sum()
    statistic = float(((both - expected) ** 2 / expected).sum())
    degrees = both.shape[1] - 1
    return Pearson(statistic, degrees, chi_square.survival(statistic, degrees))


def pool_rare(base: Counts, window: Counts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Put cells that expect too few rows of the window together.

    Parameters
    ----------
    base : array, shape (cells,)
        Rows of the baseline in each cell.
    window : array, shape (cells,)
        Rows of the later window in each cell.

    Returns
    -------
    tuple of (array, array)
        The cells that expect 5 rows, and all others as one at the end.

    Examples
    --------
    >>> pooled = pool_rare(np.array([90, 6, 4]), np.array([50, 0, 0]))
    >>> [counts.tolist() for counts in pooled]
    [[90.0, 10.0], [50.0, 0.0]]
    """
    before, now = np.asarray(base, np.float64), np.asarray(window, np.float64)
    together = before.sum() + now.sum()
    expected = (before + now) * min(before.sum(), now.sum()) / max(together, 1.0)
    common = expected >= LEAST_EXPECTED
    if common.all():
        return before, now
    return (
        np.append(before[common], before[~common].sum()),
        np.append(now[common], now[~common].sum()),
    )
