"""Is it surprising that some rows are outside everything seen before?"""

from math import exp, lgamma, log, sqrt
from statistics import NormalDist

# Of more, the normal law is as good.
MOST_TERMS = 2000


def beyond(outside: int, base_rows: int, window_rows: int) -> float:
    """Return the chance that so many rows are above all of a baseline where nothing moved.

    Parameters
    ----------
    outside : int
        Rows of the window above the largest of the baseline (or below the smallest).
    base_rows : int
        Rows of the baseline.
    window_rows : int
        Rows of the window.

    Returns
    -------
    float
        Exact for numbers that do not tie: the largest rows of both together must all
        be in the window.

    Examples
    --------
    >>> beyond(2, 2, 2) == 2 / 4 * 1 / 3
    True
    """
    chance = 1.0
    for taken in range(outside):
        chance *= (window_rows - taken) / (window_rows + base_rows - taken)
        if chance < 1e-12:
            return chance
    return chance


def most_by_chance(alpha: float, base_rows: int, window_rows: int) -> int:
    """Return how many rows may be above all of a baseline before it is surprising.

    Parameters
    ----------
    alpha : float
        More than this many happen with at most this probability.
    base_rows : int
        Rows of the baseline.
    window_rows : int
        Rows of the window.

    Returns
    -------
    int
        At least 0 and at most the rows of the window.

    Examples
    --------
    >>> most_by_chance(0.001, 5000, 1000)
    3
    """
    chance = 1.0
    for taken in range(window_rows):
        chance *= (window_rows - taken) / (window_rows + base_rows - taken)
        if chance <= alpha:
            return taken
    return window_rows


def novel(new: int, base_new: int, base_rows: int, window_rows: int) -> float:
    """Return the chance of so many rows with a value that was new, where nothing moved.

    Parameters
    ----------
    new : int
        Rows of the window with a value that the baseline did not have.
    base_new : int
        Rows of the baseline whose value was new when they came: at most one a value, of
        those that are rare.
    base_rows : int
        Rows of the baseline.
    window_rows : int
        Rows of the window.

    Returns
    -------
    float
        Of all that was ever new, each is in the window by its share of the rows: a tail
        of the binomial. What is new becomes rarer, so the chance is no smaller.

    Examples
    --------
    >>> novel(2, 0, 2, 2)
    0.25
    >>> novel(4, 0, 7000, 140) < 1e-6, novel(4, 100, 7000, 140) > 0.1
    (True, True)
    """
    if not new:
        return 1.0
    total, share = new + base_new, window_rows / max(base_rows + window_rows, 1)
    if total > MOST_TERMS:
        middle, reach = total * share, sqrt(total * share * (1 - share))
        return 1 - NormalDist().cdf((new - 0.5 - middle) / max(reach, 1e-9))
    both = log(share), log(1 - share) if share < 1 else 0.0
    terms = (
        lgamma(total + 1)
        - lgamma(k + 1)
        - lgamma(total - k + 1)
        + k * both[0]
        + (total - k) * both[1]
        for k in range(new, total + 1)
    )
    return min(1.0, sum(map(exp, terms)))
