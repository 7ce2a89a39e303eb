"""What does a p-value mean when many were looked at?"""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values that keep the chance of any false alarm among all of them.

    Parameters
    ----------
    p_values : sequence of float
        One a test; the tests may depend on each other.

    Returns
    -------
    list of float
        In the same order; below alpha where Holm's (1979) step-down rejects.

    Examples
    --------
    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, np.float64)
    order = np.argsort(values, kind="stable")
    steps = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted.tolist()


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return p-values that keep the share of false ones among those found.

    Parameters
    ----------
    p_values : sequence of float
        One a test.

    Returns
    -------
    list of float
        In the same order (Benjamini & Hochberg 1995).

    Examples
    --------
    >>> [round(p, 3) for p in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    values = np.asarray(p_values, np.float64)
    order = np.argsort(values, kind="stable")[::-1]
    steps = values[order] * len(values) / np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.minimum.accumulate(steps), 1.0)
    return adjusted.tolist()
