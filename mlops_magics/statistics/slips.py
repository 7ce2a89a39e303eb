"""Has a column slipped by a whole factor, or a clock by whole hours?

A thousand times too large, or five hours late: mistakes of what feeds a model, with
a name that says what to mend. Ordinary shifts are not mistaken for them (simulated).
"""

from math import log10
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

# Per ten and per thousand, and the units of time. Inches, miles and pounds are left out:
# with them an ordinary shift of 0.7 deviations was called a change of unit 99.6 % of the time.
FACTORS = (10.0, 24.0, 60.0, 100.0, 1000.0, 3600.0, 86_400.0, 1e6)
# |x| by tenths of a decade, from 1e-9 to 1e15; zeros and what is smaller in cell 0.
LOWEST, HIGHEST, PER_DECADE = -9, 15, 10
MAGNITUDES = (HIGHEST - LOWEST) * PER_DECADE + 2
# 1 % of Kolmogorov's limit.
CRITICAL = 1.628
# Rows of another unit among others (facts: found .96, false .00 of log-normal numbers).
FAR, LEAST_FAR_SHARE, LEAST_FAR_ROWS, LEAST_EXPLAINED = 3.0, 0.02, 10, 0.9
# The other rows may drift a little, as columns do; more, and it is no mixture (a choice).
DRIFT_OF_THE_REST = 0.1
HOURS = 24
# About ln(24 / 0.026): the right hour of 24 at 2.6 % (a choice).
LEAST_LIKELIHOOD_GAIN = 6.8
ROWS_FOR_HOURS = 500


def magnitude_cells(values: Floats) -> NDArray[np.int64]:
    """Return the cell of the size of each number, whatever its sign.

    Parameters
    ----------
    values : array of float, shape (n,)
        Finite numbers.

    Returns
    -------
    array of int, shape (n,)
        0 for zero and what is below 1e-9, then ten cells a decade.

    Examples
    --------
    >>> magnitude_cells(np.array([0.0, 1.0, -1000.0])).tolist()
    [0, 91, 121]
    """
    sizes = np.abs(values)
    logs = np.log10(np.where(sizes > 0, sizes, 10.0 ** (LOWEST - 1)))
    # a power of ten is computed a little below itself
    cells = np.floor((logs - LOWEST) * PER_DECADE + 1e-9).astype(np.int64) + 1
    return np.clip(cells, 0, MAGNITUDES - 1)


def unit_slip(sample: Floats, window: Counts) -> float | None:
    """Return the factor by which a window is too large, if it is one of the usual ones.

    Parameters
    ----------
    sample : array of float, shape (m,)
        Numbers of the baseline.
    window : array of int, shape (MAGNITUDES,)
        Rows of the window by the cell of their size; more than in the baseline are
        no evidence, so the smaller sample decides.

    Returns
    -------
    float or None
        Such as 1000.0, or 0.001. None where the sizes have not moved, or not by a
        factor that explains them.

    Notes
    -----
    The cumulative shares at the edges of the cells must be further apart than 1 % of
    chance explains, and no longer so when the baseline is multiplied by the factor.

    Examples
    --------
    >>> metres = np.linspace(1.0, 9.0, 500)
    >>> cells = np.bincount(magnitude_cells(metres * 1000), minlength=MAGNITUDES)
    >>> unit_slip(metres, cells)
    1000.0
    """
    sizes = np.sort(np.abs(sample[np.isfinite(sample) & (sample != 0)]))
    known = window[1:]
    if len(sizes) < 30 or known.sum() < 30:
        return None
    limit = CRITICAL * np.sqrt(1 / len(sizes) + 1 / known.sum())
    if _apart(sizes, known, 1.0) <= limit:
        return None
    middle = LOWEST + (np.searchsorted(np.cumsum(known), known.sum() / 2) + 0.5) / PER_DECADE
    ratio = middle - log10(float(np.median(sizes)))
    factors = [factor**sign for factor in FACTORS for sign in (1, -1)]
    nearest = min(factors, key=lambda factor: abs(log10(factor) - ratio))
    return nearest if _apart(sizes, known, nearest) <= limit else None


class PartialSlip(NamedTuple):
    """Some rows of a window that are too large by a usual factor.

    Parameters
    ----------
    factor : float
        Such as 1000.0.
    share : float
        How many of the rows.

    Examples
    --------
    >>> PartialSlip(1000.0, 0.05).share
    0.05
    """

    factor: float
    share: float


def partial_slip(sample: Floats, window: Counts) -> PartialSlip | None:
    """Return the factor by which some rows of a window are too large, and how many they are.

    Parameters
    ----------
    sample : array of float, shape (m,)
        Numbers of the baseline.
    window : array of int, shape (MAGNITUDES,)
        Rows of the window by the cell of their size.

    Returns
    -------
    PartialSlip or None
        None where no rows are that far out, no factor explains them, or the other rows
        have moved as well: then it is no mixture of two units.

    Notes
    -----
    At least 2 % of the rows lie beyond three times the 99.9 % quantile of the baseline,
    and over 90 % of these lie within its range when they are divided by the factor.

    Examples
    --------
    >>> metres = np.linspace(1.0, 9.0, 500)
    >>> both = np.append(metres, metres[::10] * 1000)
    >>> found = partial_slip(metres, np.bincount(magnitude_cells(both), minlength=MAGNITUDES))
    >>> found.factor, round(found.share, 3)
    (1000.0, 0.091)
    """
    sizes = np.sort(np.abs(sample[np.isfinite(sample) & (sample != 0)]))
    known = window[1:]
    if len(sizes) < 30 or known.sum() < 30:
        return None
    edges = 10.0 ** (LOWEST + np.arange(len(known) + 1) / PER_DECADE)
    middles = np.sqrt(edges[:-1] * edges[1:])
    far = np.where(edges[:-1] >= FAR * np.quantile(sizes, 0.999), known, 0)
    share = float(far.sum() / known.sum())
    if share < LEAST_FAR_SHARE or far.sum() < LEAST_FAR_ROWS:
        return None
    middle = middles[np.searchsorted(np.cumsum(far), far.sum() / 2)]
    factor = min(FACTORS, key=lambda one: abs(log10(middle / one / float(np.median(sizes)))))
    # a cell counts where it reaches into the range: it is a tenth of a decade wide
    fits = (edges[1:] / factor >= sizes[0]) & (edges[:-1] / factor <= sizes[-1])
    if far[fits].sum() <= LEAST_EXPLAINED * far.sum():
        return None
    rest = known - far
    if rest.sum() >= 30:
        limit = CRITICAL * np.sqrt(1 / len(sizes) + 1 / rest.sum())
        if _apart(sizes, rest, 1.0) > limit + DRIFT_OF_THE_REST:
            return None
    return PartialSlip(factor, share)


def _apart(sizes: Floats, known: Counts, factor: float) -> float:
    edges = 10.0 ** (LOWEST + np.arange(1, len(known) + 1) / PER_DECADE)
    before = np.searchsorted(sizes, edges / factor * (1 - 1e-9), side="left") / len(sizes)
    now = np.cumsum(known) / known.sum()
    return float(np.abs(before - now).max())


def hour_slip(base: Counts, window: Counts) -> int | None:
    """Return by how many hours a clock is late, if it is.

    Parameters
    ----------
    base : array of int, shape (24,)
        Rows of the baseline by hour of the day.
    window : array of int, shape (24,)
        Rows of the window by hour of the day.

    Returns
    -------
    int or None
        -11 to 12; None below 500 rows, and where the hours as they are explain the
        window nearly as well as any others.

    Notes
    -----
    The log-likelihood of the window under the shares of the baseline, rolled by each
    number of hours; the best must beat none by 6.8.

    Examples
    --------
    >>> office = np.array([0] * 8 + [90] * 9 + [10] * 7)
    >>> hour_slip(office, np.roll(office, 5))
    5
    """
    if window.sum() < ROWS_FOR_HOURS or base.sum() < ROWS_FOR_HOURS:
        return None
    shares = (base + 0.5) / (base.sum() + 0.5 * HOURS)
    likelihood = [float((window * np.log(np.roll(shares, k))).sum()) for k in range(HOURS)]
    best = int(np.argmax(likelihood))
    if likelihood[best] - likelihood[0] <= LEAST_LIKELIHOOD_GAIN:
        return None
    return best if best <= HOURS // 2 else best - HOURS
