"""Is one model better than another on the same rows?

Losses of two models, row by row, go in; the mean difference with its interval and a
verdict come out. It knows no model and does not ask where the rows are from.
"""

from dataclasses import dataclass
from math import comb
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

# Below, the interval of a mean of skewed losses covers too little for any verdict.
LEAST_ROWS = 30

Word = Literal["better", "worse", "no difference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """How much smaller one model's loss is than another's on the same rows.

    Parameters
    ----------
    gain : float
        Mean over rows of the other's loss less its own; above 0 it is better.
    low, high : float
        Ends of the 95 % interval of the gain.
    rows : int
        Rows that were compared.

    Examples
    --------
    >>> Paired(gain=0.02, low=0.01, high=0.03, rows=200).verdict
    'better'
    """

    gain: float
    low: float
    high: float
    rows: int

    @property
    def verdict(self) -> Word:
        """What the interval says: better or worse beyond chance, else no difference."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "no difference"


def compare_losses(own: NDArray[np.float64], other: NDArray[np.float64]) -> Paired | None:
    """Return how much smaller the own losses are than the other's.

    Parameters
    ----------
    own, other : array of float, shape (n,)
        Loss of each row: nats for classes, squared errors for numbers.

    Returns
    -------
    Paired or None
        None under 30 rows: too few for a verdict.

    Notes
    -----
    Mean of the differences with Student's interval. A model that is as good as the
    other is called worse in 2.5 % of cases, and better in as many.

    Examples
    --------
    >>> own = np.tile([0.1, 0.3], 20)
    >>> found = compare_losses(own, own + np.tile([0.1, 0.2], 20))
    >>> round(found.gain, 3), round(found.low, 3), found.verdict
    (0.15, 0.134, 'better')
    >>> compare_losses(own[:29], own[:29]) is None
    True
    """
    rows = len(own)
    if rows < LEAST_ROWS:
        return None
    gains = other - own
    half = student(rows - 1) * float(gains.std(ddof=1)) / np.sqrt(rows)
    middle = float(gains.mean())
    return Paired(gain=middle, low=float(middle - half), high=float(middle + half), rows=rows)


def student(degrees: int, level: float = 0.95) -> float:
    """Return how many standard errors Student's two-sided interval reaches.

    Parameters
    ----------
    degrees : int
        Rows less one, at least 29: the expansion is good to 0.0002 from there on.
    level : float, default=0.95
        Share of such intervals that hold the true mean.

    Returns
    -------
    float
        1.96 for many rows.

    Notes
    -----
    Cornish-Fisher expansion of the t quantile (Abramowitz & Stegun 26.7.5, two terms).

    Examples
    --------
    >>> round(student(29), 3), round(student(10**6), 3)
    (2.045, 1.96)
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / degrees + second / degrees**2


def mid_p(only_own: int, only_other: int) -> float:
    """Return the chance that so many rows fall to one side where neither model is better.

    Parameters
    ----------
    only_own : int
        Rows that only this model answered rightly.
    only_other : int
        Rows that only the other one did.

    Returns
    -------
    float
        Two-sided; 1 where neither stands alone.

    Notes
    -----
    McNemar's exact test with half of the probability of what happened (Fagerland,
    Lydersen & Laake 2013): the exact one is too careful on few rows.

    Examples
    --------
    >>> round(mid_p(15, 5), 10)
    0.0266036987
    """
    rows = only_own + only_other
    if rows == 0 or only_own == only_other:
        return 1.0
    fewer = min(only_own, only_other)
    if rows > 1000:  # exact sums of huge integers take seconds, and the normal law is exact enough
        z = (abs(only_own - only_other)) / np.sqrt(rows)
        return float(2 * (1 - NormalDist().cdf(z)))
    below = sum(comb(rows, place) for place in range(fewer))
    return float((2 * below + comb(rows, fewer)) / 2**rows)
