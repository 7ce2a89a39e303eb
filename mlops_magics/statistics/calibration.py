"""Do predicted probabilities happen as often as they say?

The curve of what was said against what happened, its error beside what chance alone
makes of it, and the one temperature that mends probabilities. It knows no model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .classification import SMALLEST_PROBABILITY, log_loss
from .intervals import wilson

# Few enough rows make any error likely, so each bin needs some (facts: ECE is biased).
BINS_OF_A_CURVE, BINS_OF_THE_ERROR = 10, 15
LEAST_ROWS_OF_A_BIN = 10
LEAST_ROWS = 30
# ln T is 0 with deviation a half before any row is seen: few rows move it little.
VARIANCE_OF_LOG_TEMPERATURE = 0.25
WIDEST_LOG_TEMPERATURE = 3.0
GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """What was said in one bin, and what happened there.

    Parameters
    ----------
    predicted : float
        Mean of the probabilities.
    observed : float
        Share of the rows in which it happened.
    low, high : float
        95 % interval of that share.
    rows : int
        Rows in the bin.

    Examples
    --------
    >>> CurvePoint(predicted=0.2, observed=0.25, low=0.1, high=0.5, rows=20).rows
    20
    """

    predicted: float
    observed: float
    low: float
    high: float
    rows: int


def curve(happened: NDArray[np.bool_], said: NDArray[np.float64]) -> tuple[CurvePoint, ...]:
    """Return the points of a calibration curve, in bins of equally many rows.

    Parameters
    ----------
    happened : array of bool, shape (n,)
        Whether it was so.
    said : array of float, shape (n,)
        The probability that was given to it.

    Returns
    -------
    tuple of CurvePoint
        At most ten, of at least ten rows each, from the smallest probability up.

    Examples
    --------
    >>> points = curve(np.arange(40) % 4 == 0, np.repeat([0.2, 0.3], 20))
    >>> [(round(point.predicted, 2), point.rows) for point in points][::3]
    [(0.2, 10), (0.3, 10)]
    """
    bins = min(BINS_OF_A_CURVE, len(said) // LEAST_ROWS_OF_A_BIN)
    points = []
    for rows in np.array_split(_in_order(said), bins) if bins else []:
        right = int(happened[rows].sum())
        ends = wilson(right, len(rows))
        assert ends is not None
        points.append(
            CurvePoint(
                predicted=float(said[rows].mean()),
                observed=right / len(rows),
                low=ends.low,
                high=ends.high,
                rows=len(rows),
            )
        )
    return tuple(points)


def error(happened: NDArray[np.bool_], said: NDArray[np.float64]) -> float | None:
    """Return the expected calibration error in 15 bins of equally many rows.

    Parameters
    ----------
    happened : array of bool, shape (n,)
        Whether it was so.
    said : array of float, shape (n,)
        The probability that was given to it.

    Returns
    -------
    float or None
        Mean distance of probability and share, at least 0; None without rows. Above 0
        for perfect probabilities as well: read it beside `error_by_chance`.

    Notes
    -----
    Naeini, Cooper & Hauskrecht (2015); bins of equal mass as Nixon et al. (2019).

    Examples
    --------
    >>> round(error(np.ones(30, bool), np.full(30, 0.7)), 3)
    0.3
    """
    if not len(said):
        return None
    order = _in_order(said)
    gaps = said[order] - happened[order]
    edges = np.linspace(0, len(said), min(BINS_OF_THE_ERROR, len(said)) + 1).astype(int)
    return float(np.abs(np.add.reduceat(gaps, edges[:-1])).sum() / len(said))


def _in_order(said: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return rows from the smallest probability up; which of equal ones is first is chance.

    Else rows that are sorted by what happened would show an error that is not there.
    """
    return np.lexsort((np.random.default_rng(0).random(len(said)), said))


def error_by_chance(
    happened: NDArray[np.bool_], said: NDArray[np.float64], draws: int = 200, seed: int = 0
) -> float | None:
    """Return how often perfect probabilities show at least this calibration error.

    Parameters
    ----------
    happened : array of bool, shape (n,)
        Whether it was so.
    said : array of float, shape (n,)
        The probability that was given to it.
    draws : int, default=200
        Outcomes that are drawn from the probabilities themselves.
    seed : int, default=0
        Of the draws.

    Returns
    -------
    float or None
        A p-value: below 0.05 the probabilities are wrong beyond chance. None without rows.

    Examples
    --------
    >>> said = np.full(200, 0.9)
    >>> error_by_chance(np.arange(200) % 2 == 0, said) < 0.01
    True
    """
    found = error(happened, said)
    if found is None:
        return None
    chance = np.random.default_rng(seed)
    drawn = [error(chance.random(len(said)) < said, said) or 0.0 for _ in range(draws)]
    return (1 + sum(one >= found for one in drawn)) / (draws + 1)


def scale(probabilities: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Return probabilities whose logits are divided by a temperature.

    Parameters
    ----------
    probabilities : array of float, shape (n, classes)
        Each row sums to 1.
    temperature : float
        Above 1 they become less sure, below 1 surer; their order stays.

    Returns
    -------
    array of float, shape (n, classes)
        Each row sums to 1.

    Notes
    -----
    p^(1/T) over its sum is the softmax of logits / T (Guo et al. 2017).

    Examples
    --------
    >>> scale(np.array([[0.8, 0.2]]), 2.0).round(3).tolist()
    [[0.667, 0.333]]
    """
    if temperature == 1.0:
        return probabilities
    logs = np.log(np.clip(probabilities, SMALLEST_PROBABILITY, 1.0)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)


def temperature(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """Return the temperature under which the labels are most likely, drawn towards 1.

    Parameters
    ----------
    labels : array of int, shape (n,)
        Codes of the true classes, of rows that were not learned from.
    probabilities : array of float, shape (n, classes)
        What was predicted for them.

    Returns
    -------
    float
        Between exp(-3) and exp(3); 1 under 30 rows.

    Notes
    -----
    The smallest n logloss(p^(1/T)) + (ln T)^2 / (2 * 0.25), by golden section. The
    prior halves the harm that a bare temperature does on 30 to 60 rows.

    Examples
    --------
    >>> labels = (np.arange(400) % 4 == 0).astype(int)
    >>> round(temperature(labels, np.tile([0.95, 0.05], (400, 1))), 1)
    2.6
    """
    if len(labels) < LEAST_ROWS:
        return 1.0

    def cost(log: float) -> float:
        loss = log_loss(labels, scale(probabilities, float(np.exp(log)))) or 0.0
        return float(len(labels) * loss + log * log / (2 * VARIANCE_OF_LOG_TEMPERATURE))

    low, high = -WIDEST_LOG_TEMPERATURE, WIDEST_LOG_TEMPERATURE
    for _ in range(40):  # 6 * 0.618^40 is below 1e-7
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if cost(left) < cost(right):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))
