"""Do two columns still go together as they did?

Correlations of normal scores, from sums that add up over windows, and their
difference by Fisher's z. It sees what no column alone can show.
"""

from math import atanh, erfc, inf, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

# Scores are whole numbers, so that sums of them do not depend on the order of adding.
UNIT = 1024
# n, sum a, sum b, sum aa, sum bb, sum ab
SUMS = 6
# z is infinite at 1; no correlation of counts is surer than this.
SUREST = 1 - 1e-9


def normal_scores(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the normal quantile of the middle of each cell, in 1/1024.

    Parameters
    ----------
    counts : array of int, shape (cells,)
        Rows of the baseline in each cell, in the order of the values.

    Returns
    -------
    array of int, shape (cells,)
        Whole numbers, so that their sums are exact.

    Examples
    --------
    >>> normal_scores(np.array([1, 1])).tolist()
    [-691, 691]
    """
    total = max(int(counts.sum()), 1)
    before = np.cumsum(counts) - counts
    # half a row keeps an empty end of the range finite
    middle = np.clip((before + counts / 2) / total, 0.5 / total, 1 - 0.5 / total)
    quantile = NormalDist().inv_cdf
    return np.array([round(quantile(share) * UNIT) for share in middle.tolist()], np.int64)


def sums(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return what the correlation of two columns of scores needs.

    Parameters
    ----------
    first : array of int, shape (n,)
        Scores of one column.
    second : array of int, shape (n,)
        Scores of the other, in the same rows.

    Returns
    -------
    array of int, shape (6,)
        Rows, sums, sums of squares and of products; they add up over windows.

    Examples
    --------
    >>> sums(np.array([1, 2]), np.array([2, 2])).tolist()
    [2, 3, 4, 5, 8, 6]
    """
    products = [first @ first, second @ second, first @ second]
    return np.array([len(first), first.sum(), second.sum(), *products], np.int64)


def of_sums(added: NDArray[np.int64]) -> float | None:
    """Return the correlation of what was added up.

    Parameters
    ----------
    added : array of int, shape (6,)
        As `sums` returns them.

    Returns
    -------
    float or None
        -1 to 1; None where a column is constant or there are fewer than 4 rows.

    Examples
    --------
    >>> round(of_sums(sums(np.array([1, 2, 3, 4]), np.array([1, 2, 3, 5]))), 4)
    0.9827
    """
    n, a, b, aa, bb, ab = (float(value) for value in added)
    if n < 4:
        return None
    spread = (aa - a * a / n) * (bb - b * b / n)
    if spread <= 0:
        return None
    return float(np.clip((ab - a * b / n) / sqrt(spread), -SUREST, SUREST))


def p_value(before: float, now: float, base_rows: int, window_rows: int) -> float:
    """Return the chance of such a difference where nothing has changed.

    Parameters
    ----------
    before : float
        Correlation in the baseline.
    now : float
        Correlation in the window.
    base_rows : int
        Rows of the baseline.
    window_rows : int
        Rows of the window.

    Returns
    -------
    float
        Two-sided, of (atanh r1 - atanh r2) / sqrt(1/(m-3) + 1/(n-3)).

    Examples
    --------
    >>> round(p_value(0.6, 0.3, 2000, 100), 5)
    0.00022
    """
    if min(base_rows, window_rows) < 4:
        return 1.0
    deviation = sqrt(1 / (base_rows - 3) + 1 / (window_rows - 3))
    apart = abs(atanh(before) - atanh(now)) / deviation
    return erfc(apart / sqrt(2)) if apart < inf else 0.0
