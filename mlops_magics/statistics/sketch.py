"""What are the percentiles of numbers that were never kept?

Counts in cells whose width grows with the number (DDSketch, Masson et al. 2019):
any percentile is right to one part in a hundred, and two sketches add up to the
sketch of all their numbers.
"""

from collections.abc import Mapping
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

ERROR = 0.01
GAMMA = (1 + ERROR) / (1 - ERROR)
# What is at or below 0 (a clock that stepped back) is as good as no time at all.
SMALLEST = 1e-9


def cells(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the cell of each number.

    Parameters
    ----------
    values : array of float, shape (n,)
        Finite; below 1e-9 counts as 1e-9.

    Returns
    -------
    array of int, shape (n,)
        The least i with gamma^i at or above the number; gamma is 1.01 / 0.99.

    Examples
    --------
    >>> cells(np.array([1.0, 1.5])).tolist()
    [0, 21]
    """
    logs = np.log(np.maximum(values, SMALLEST)) / log(GAMMA)
    # a bound of a cell belongs to it; the quotient of two logarithms may miss it by a bit
    return np.ceil(logs - 1e-9).astype(np.int64)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the number below which a share of all numbers lies.

    Parameters
    ----------
    counts : mapping of int to int
        Numbers in each cell.
    share : float
        0 to 1.

    Returns
    -------
    float or None
        Within 1 % of the number of this rank; None of no numbers.

    Examples
    --------
    >>> round(percentile({0: 1, 21: 1}, 1.0), 2)
    1.51
    """
    total = sum(counts.values())
    if not total:
        return None
    rank = max(ceil(share * total), 1)
    for cell in sorted(counts):
        rank -= counts[cell]
        if rank <= 0:
            return 2 * GAMMA**cell / (GAMMA + 1)
    raise AssertionError("the counts add up to their total")
