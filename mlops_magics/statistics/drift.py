"""How far has a distribution moved, and is it more than chance?

Counts of the same bins in a baseline and in a later window go in; the population
stability index, its p-value and its critical value come out. It cuts no bins,
reads no store and raises no alert.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from . import chi_square

# Half a row in each bin keeps the false-alarm rate at its nominal level from 50 rows on;
# a whole row makes it too small, 0.0001 up to ten times too large (simulated).
HALF_A_ROW = 0.5
ROWS_FOR_TEN_BINS = 100
ROWS_FOR_FIVE_BINS = 30

State = Literal["measured", "too few rows", "all missing", "constant"]
Severity = Literal["small", "moderate", "large"]
Counts = NDArray[np.int64] | NDArray[np.float64]


def psi(base: Counts, window: Counts, smoothing: float = HALF_A_ROW) -> float:
    """Return the population stability index between two sets of counts.

    Parameters
    ----------
    base : array, shape (bins,)
        Rows of the baseline in each bin.
    window : array, shape (bins,)
        Rows of the later window in the same bins.
    smoothing : float, default=0.5
        Rows added to each bin, so that empty bins cost a finite amount.

    Returns
    -------
    float
        In nats, at least 0. Bins empty in both are left out.

    Notes
    -----
    The sum of (p - q) ln(p / q) with p = (c + s) / (m + s B), q alike: Jeffreys'
    (1946) symmetric divergence. Without drift it is about (1/m + 1/n) times a
    chi-square with B - 1 degrees of freedom (Yurdakul 2018).

    Examples
    --------
    >>> psi(np.array([500, 500]), np.array([50, 50]))
    0.0
    >>> round(psi(np.full(10, 100), np.array([12, 9, 11, 10, 8, 10, 14, 7, 9, 10])), 12)
    0.032028323199
    """
    occupied = (np.asarray(base) > 0) | (np.asarray(window) > 0)
    p = np.asarray(base, np.float64)[occupied] + smoothing
    q = np.asarray(window, np.float64)[occupied] + smoothing
    p, q = p / p.sum(), q / q.sum()
    return float(((p - q) * np.log(p / q)).sum())


def degrees_of_freedom(base: Counts, window: Counts) -> int:
    """Return the number of bins that are occupied in either sample, less one.

    Parameters
    ----------
    base : array, shape (bins,)
        Rows of the baseline in each bin.
    window : array, shape (bins,)
        Rows of the later window in the same bins.

    Returns
    -------
    int
        -1 where both samples are empty, 0 where all rows are in one bin.

    Examples
    --------
    >>> degrees_of_freedom(np.array([5, 0, 5]), np.array([5, 0, 0]))
    1
    """
    return int(((np.asarray(base) > 0) | (np.asarray(window) > 0)).sum()) - 1


def p_value(index: float, base_rows: int, window_rows: int, degrees: int) -> float:
    """Return the chance of at least this index where nothing has moved.

    Parameters
    ----------
    index : float
        Population stability index.
    base_rows : int
        Rows of the baseline, m.
    window_rows : int
        Rows of the window, n.
    degrees : int
        Occupied bins less one, at least 1.

    Returns
    -------
    float
        Survival function of the chi-square at index / (1/m + 1/n).

    Examples
    --------
    >>> round(p_value(0.03202832319866, 1000, 100, 9), 9)
    0.967694261
    """
    return chi_square.survival(index / (1 / base_rows + 1 / window_rows), degrees)


def critical_value(alpha: float, base_rows: int, window_rows: int, degrees: int) -> float:
    """Return the index that chance alone exceeds with probability alpha.

    Parameters
    ----------
    alpha : float
        False-alarm rate of one look, above 0.
    base_rows : int
        Rows of the baseline, m.
    window_rows : int
        Rows of the window, n.
    degrees : int
        Occupied bins less one, at least 1.

    Returns
    -------
    float
        In nats, as the index.

    Examples
    --------
    >>> round(critical_value(0.01, 1000, 100, 9), 8)
    0.23832594
    """
    return chi_square.critical(alpha, degrees) * (1 / base_rows + 1 / window_rows)


def debiased(index: float, base_rows: int, window_rows: int, degrees: int) -> float:
    """Return the size of the drift: the index less its mean where nothing has moved.

    Parameters
    ----------
    index : float
        Population stability index.
    base_rows : int
        Rows of the baseline, m.
    window_rows : int
        Rows of the window, n.
    degrees : int
        Occupied bins less one.

    Returns
    -------
    float
        About (shift / standard deviation)^2 for a shifted normal; can be below 0.

    Examples
    --------
    >>> round(debiased(0.3767175194, 1000, 100, 9), 10)
    0.2777175194
    """
    return index - degrees * (1 / base_rows + 1 / window_rows)


def bins_for(rows: int) -> int | None:
    """Return how many bins a window of so many rows can fill; None below 30 rows."""
    if rows < ROWS_FOR_FIVE_BINS:
        return None
    return 10 if rows >= ROWS_FOR_TEN_BINS else 5


def severity(size: float) -> Severity:
    """Name a debiased size: small below 0.1, moderate below 0.25, large from there."""
    return "small" if size < 0.1 else "moderate" if size < 0.25 else "large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far one column has moved from its baseline, or why that cannot be said.

    Parameters
    ----------
    state : str
        measured, too few rows, all missing or constant.
    rows : int
        Rows of the window, missing ones included.
    psi : float or None, default=None
        Population stability index; this and the following are None unless measured.
    size : float or None, default=None
        Index less its mean where nothing has moved.
    p_value : float or None, default=None
        Chance of such an index where nothing has moved.
    critical : float or None, default=None
        Index that chance alone exceeds at the alpha asked for.
    degrees : int or None, default=None
        Occupied bins less one.

    Examples
    --------
    >>> Drift(state="too few rows", rows=12).psi is None
    True
    """

    state: State
    rows: int
    psi: float | None = None
    size: float | None = None
    p_value: float | None = None
    critical: float | None = None
    degrees: int | None = None


def compare(
    base: Counts,
    window: Counts,
    base_missing: int = 0,
    window_missing: int = 0,
    alpha: float = 0.001,
) -> Drift:
    """Compare a window with its baseline.

    Parameters
    ----------
    base : array, shape (bins,)
        Rows of the baseline in each bin.
    window : array, shape (bins,)
        Rows of the window in the same bins.
    base_missing : int, default=0
        Rows of the baseline without a value; a bin of their own.
    window_missing : int, default=0
        Rows of the window without a value.
    alpha : float, default=0.001
        False-alarm rate that the critical value belongs to.

    Returns
    -------
    Drift
        Numbers where both samples have 30 rows, else the state alone.

    Examples
    --------
    >>> found = compare(np.full(10, 100), np.array([0, 5, 8, 10, 10, 12, 12, 13, 14, 16]))
    >>> round(found.psi, 10), round(found.p_value, 10), severity(found.size)
    (0.3767175194, 8.08396e-05, 'large')
    """
    before = np.append(np.asarray(base, np.float64), base_missing)
    now = np.append(np.asarray(window, np.float64), window_missing)
    m, n = int(before.sum()), int(now.sum())
    if min(m, n) < ROWS_FOR_FIVE_BINS:
        return Drift(state="too few rows", rows=n)
    if window_missing == n:
        return Drift(state="all missing", rows=n)
    degrees = degrees_of_freedom(before, now)
    if degrees < 1:
        return Drift(state="constant", rows=n)
    index = psi(before, now)
    return Drift(
        state="measured",
        rows=n,
        psi=index,
        size=debiased(index, m, n, degrees),
        p_value=p_value(index, m, n, degrees),
        critical=critical_value(alpha, m, n, degrees),
        degrees=degrees,
    )


def of_clusters(found: Drift, effect: float) -> Drift:
    """Return a drift of rows that are not independent.

    Parameters
    ----------
    found : Drift
        As of independent rows.
    effect : float
        How much larger a chi-square is than theirs, at least 1.

    Returns
    -------
    Drift
        Its size, its chance and its critical value; the index is what it is.

    Examples
    --------
    >>> found = compare(np.full(10, 100), np.array([0, 5, 8, 10, 10, 12, 12, 13, 14, 16]))
    >>> of_clusters(found, 2.0).p_value > found.p_value
    True
    """
    if effect <= 1.0 or found.psi is None:
        return found
    assert found.size is not None
    assert found.p_value is not None
    assert found.critical is not None
    assert found.degrees is not None
    # what is expected where nothing moved grows as the chi-square does
    expected = found.psi - found.size
    scale = expected / found.degrees
    return replace(
        found,
        size=found.psi - expected * effect,
        p_value=chi_square.survival(found.psi / scale / effect, found.degrees),
        critical=found.critical * effect,
    )
