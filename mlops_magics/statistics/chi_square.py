"""How surprising is a chi-square value?

The survival function and its inverse for whole degrees of freedom, in closed form.
scipy.special has both, but importing it takes 0.2 to 0.6 s here (measured, 1.17),
more than everything else that a first look at drift needs.
"""

from functools import lru_cache
from math import erfc, exp, inf, lgamma, log, sqrt


def survival(value: float, degrees: int) -> float:
    """Return the probability that a chi-square variable exceeds a value.

    Parameters
    ----------
    value : float
        At least 0.
    degrees : int
        Degrees of freedom, at least 1.

    Returns
    -------
    float
        Between 0 and 1.

    Notes
    -----
    With h = value / 2: the sum of e^-h h^a / Gamma(a + 1) over a = 0, 1, … below
    degrees / 2 for even degrees, and over a = 1/2, 3/2, … plus erfc(sqrt(h)) for
    odd ones (Abramowitz & Stegun 26.4.4 and 26.4.5). All terms are positive.

    Examples
    --------
    >>> round(survival(16.918977604620448, 9), 12)
    0.05
    """
    half = value / 2
    if half <= 0:
        return 1.0
    odd = degrees % 2
    total = erfc(sqrt(half)) if odd else 0.0
    for step in range(degrees // 2):
        power = step + odd / 2
        total += exp(power * log(half) - half - lgamma(power + 1))
    return min(total, 1.0)


@lru_cache(maxsize=256)  # a report asks for few of them, each many times
def critical(probability: float, degrees: int) -> float:
    """Return the value that a chi-square variable exceeds with this probability.

    Parameters
    ----------
    probability : float
        Above 0 and at most 1.
    degrees : int
        Degrees of freedom, at least 1.

    Returns
    -------
    float
        At least 0, to the last bit but one.

    Examples
    --------
    >>> round(critical(0.01, 9), 6)
    21.665994
    """
    assert 0 < probability <= 1, probability
    if probability == 1:
        return 0.0
    low, high = 0.0, float(degrees)
    while survival(high, degrees) > probability:
        low, high = high, high * 2
    # halving the bracket is quick enough (50 steps) and cannot diverge
    middle, before = (low + high) / 2, inf
    while middle != before:
        low, high = (middle, high) if survival(middle, degrees) > probability else (low, middle)
        middle, before = (low + high) / 2, middle
    return middle
