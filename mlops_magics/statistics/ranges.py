"""Is it surprising that some rows are outside everything seen before?"""


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
