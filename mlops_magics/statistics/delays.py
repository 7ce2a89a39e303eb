"""How long must one wait until most labels have come?

Performance on all labels that came so far is biased, since some outcomes are known
sooner than others. It is measured on predictions that are old enough.
"""

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def horizon(delays: Integers, waiting: Integers, share: float = 0.95) -> int | None:
    """Return the age at which this share of the labels has come.

    Parameters
    ----------
    delays : array of int, shape (n,)
        Of the labels that came: how long each took.
    waiting : array of int, shape (w,)
        Of the predictions without a label: how long each has waited.
    share : float, default=0.95
        Between 0 and 1.

    Returns
    -------
    int or None
        The estimate of Kaplan and Meier (1958): who still waits may get a label later.
        The longest delay where fewer have come altogether; None without any label.

    Examples
    --------
    >>> horizon(np.array([1, 2, 3, 4]), np.array([], int), 0.5)
    2
    >>> horizon(np.array([1, 2]), np.array([9, 9]), 0.95)
    2
    """
    if not len(delays):
        return None
    times, came = np.unique(delays, return_counts=True)
    gone = np.searchsorted(np.sort(delays), times, side="left")
    censored = np.searchsorted(np.sort(waiting), times, side="left")
    at_risk = len(delays) + len(waiting) - gone - censored
    still = np.cumprod(1 - came / at_risk)
    reached = np.flatnonzero(still <= 1 - share + 1e-12)
    return int(times[reached[0]]) if len(reached) else int(times[-1])
