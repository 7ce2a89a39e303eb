"""How far must an answer reach to hold the truth so often?

Ranks of scores of rows that were not learned from. No distribution is assumed: later
rows need only be like these. It knows no model and no unit.
"""

import math

import numpy as np
from numpy.typing import NDArray


def rank(rows: int, coverage: float) -> int | None:
    """Return which of the sorted scores is the reach.

    Parameters
    ----------
    rows : int
        Scores that there are.
    coverage : float
        Share of later rows that shall be held, between 0 and 1.

    Returns
    -------
    int or None
        From 1; None where there are too few scores for this coverage (nine for 0.9).

    Notes
    -----
    ceil((n + 1) coverage); Vovk, Gammerman & Shafer (2005). Given these scores the
    coverage of later rows is Beta(k, n + 1 - k) distributed.

    Examples
    --------
    >>> rank(19, 0.9), rank(8, 0.9)
    (18, None)
    """
    # 0.9 * 10 is 9.000000000000002 for some orders of the product
    place = math.ceil(round((rows + 1) * coverage, 9))
    return place if 1 <= place <= rows else None


def reach(scores: NDArray[np.floating], coverage: float) -> float | None:
    """Return the score that holds this share of later rows.

    Parameters
    ----------
    scores : array of float, shape (n,)
        How far the answers were off for rows that were not learned from.
    coverage : float
        Share of later rows that shall be held, between 0 and 1.

    Returns
    -------
    float or None
        One of the scores; None where there are too few.

    Examples
    --------
    >>> reach(np.arange(1.0, 20.0), 0.9)
    18.0
    """
    place = rank(len(scores), coverage)
    return None if place is None else float(np.partition(scores, place - 1)[place - 1])
