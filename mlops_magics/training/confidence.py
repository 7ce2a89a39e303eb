"""How sure may a model be, judged by rows that a member had not seen?

Temperature, widths and scores from answers out of fold. The held-out rows choose
nothing here but whether a temperature is dropped again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_magics.model.reach import Reach
from mlops_magics.statistics import calibration
from mlops_magics.statistics.conformal import reach

from .measure import row_losses

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

# More scores than these place the ninth decile no better than a thousandth.
MOST_SCORES = 2000
# Widths are fitted on this many rows and inputs at most, and chosen among penalties.
MOST_ROWS, MOST_INPUTS = 4000, 512
PENALTIES = (3.0, 30.0, 300.0, 3000.0)
# Of the median residual: a residual of 0 has no logarithm.
FLOOR = 0.05
COVERAGE = 0.9
# One-sided 5 %: a temperature must help by more than luck.
Z = 1.645


def find_temperature(codes: Codes, probabilities: Floats, folds: NDArray[np.int64]) -> float:
    """Return the temperature that helps out of fold beyond chance, else 1.

    Parameters
    ----------
    codes : array of int, shape (n,)
        The classes.
    probabilities : array of float, shape (n, classes)
        Answers out of fold.
    folds : array of int, shape (n,)
        Fold of each row: half of the folds judge the temperature of the other half.

    Returns
    -------
    float
        1 where it does not help: measured on ten tables it hardly ever does.

    Examples
    --------
    >>> codes = (np.arange(800) % 4 == 0).astype(int)
    >>> find_temperature(codes, np.tile([0.99, 0.01], (800, 1)), np.arange(800) % 7) > 2
    True
    """
    gains = np.zeros(len(codes))
    for half in (0, 1):
        own = folds % 2 == half
        found = calibration.temperature(codes[~own], probabilities[~own])
        scaled = calibration.scale(probabilities[own], found)
        gains[own] = row_losses(probabilities[own], codes[own]) - row_losses(scaled, codes[own])
    error = gains.std() / np.sqrt(len(gains))
    helps = error > 0 and gains.mean() > Z * error
    return calibration.temperature(codes, probabilities) if helps else 1.0


def reach_of_classes(codes: Codes, probabilities: Floats) -> Reach:
    """Return how improbable the true class may be.

    Parameters
    ----------
    codes : array of int, shape (n,)
        The classes.
    probabilities : array of float, shape (n, classes)
        Calibrated answers out of fold.

    Returns
    -------
    Reach
        For sets of classes (least ambiguous sets, Sadinle, Lei & Wasserman 2019).

    Examples
    --------
    >>> found = reach_of_classes(np.array([0, 1]), np.array([[0.9, 0.1], [0.4, 0.6]]))
    >>> [f"{score:.1f}" for score in found.scores]
    ['0.1', '0.4']
    """
    missed = 1 - probabilities[np.arange(len(codes)), codes]
    return Reach(scores=_thinned(missed), kernel=np.zeros(0, np.float32))


def reach_of_numbers(
    matrix: NDArray[np.float32], residuals: Floats, folds: NDArray[np.int64]
) -> Reach:
    """Return how far off a number may be, and for which rows farther.

    Parameters
    ----------
    matrix : array of float32, shape (n, inputs)
        The encoded training rows.
    residuals : array of float, shape (n,)
        In standardised units, out of fold.
    folds : array of int, shape (n,)
        Fold of each row: half of the folds score the widths of the other half.

    Returns
    -------
    Reach
        Of one width where widths of their own would not make better intervals.

    Notes
    -----
    Scores |r| / w(x) (Lei et al. 2018), ln w a ridge regression of ln |r| on the
    encoded inputs, which are piecewise linear already.

    Examples
    --------
    >>> chance = np.random.default_rng(0)
    >>> rows = chance.uniform(-1, 1, (800, 2)).astype(np.float32)
    >>> off = chance.normal(size=800) * np.exp(rows[:, 0])
    >>> found = reach_of_numbers(rows, off, np.arange(800) % 8)
    >>> found.kernel.round().tolist()
    [1.0, 0.0]
    """
    size = np.abs(residuals)
    floor = FLOOR * float(np.median(size))
    nothing = np.zeros(0, np.float32)
    if floor == 0 or not matrix.shape[1]:
        return Reach(scores=_thinned(size), kernel=nothing)
    fitted = _Widths.of(matrix, np.log(size + floor), folds)
    best, least, scores = None, _cost(size, np.ones(len(size))), size
    for penalty in PENALTIES:
        widths = np.empty(len(size))
        for half in (0, 1):
            own = folds % 2 == half
            widths[own] = fitted.reach(1 - half, penalty).widths(matrix[own])
        cost = _cost(size, widths)
        if cost < least:
            best, least, scores = penalty, cost, size / widths
    if best is None:
        return Reach(scores=_thinned(size), kernel=nothing)
    whole = fitted.reach(None, best)
    return Reach(
        scores=_thinned(scores),
        kernel=whole.kernel,
        bias=whole.bias,
        low=whole.low,
        high=whole.high,
    )


def _cost(size: Floats, widths: Floats) -> float:
    """Return the interval score of these widths: how wide they are, and what they miss.

    Winkler (1972), divided by two. The width alone would be smallest where noisy rows
    are missed.
    """
    farthest = reach(size / widths, COVERAGE)
    if farthest is None:
        return np.inf
    half = farthest * widths
    return float((half + np.maximum(size - half, 0.0) / (1 - COVERAGE)).mean())


def _thinned(scores: Floats) -> NDArray[np.float32]:
    ordered = np.sort(scores).astype(np.float32)
    if len(ordered) > MOST_SCORES:
        places = np.linspace(0, len(ordered) - 1, MOST_SCORES).round().astype(int)
        ordered = ordered[places]
    return ordered


@dataclass(frozen=True, slots=True, eq=False)
class _Widths:
    """Rows with their logarithms of residuals, ready for ridge regressions of their halves."""

    rows: NDArray[np.float32]
    logs: Floats
    halves: NDArray[np.int64]
    chosen: NDArray[np.int64]
    inputs: int

    @classmethod
    def of(cls, matrix: NDArray[np.float32], logs: Floats, folds: NDArray[np.int64]) -> "_Widths":
        some = np.random.default_rng(0).permutation(len(matrix))[:MOST_ROWS]
        spread = matrix[some].std(axis=0)
        # of too many inputs those that vary most
        chosen = np.sort(np.argsort(-spread, kind="stable")[:MOST_INPUTS])
        return cls(matrix[some][:, chosen], logs[some], folds[some] % 2, chosen, matrix.shape[1])

    def reach(self, half: int | None, penalty: float) -> Reach:
        """Return the widths that one half says, or all rows."""
        own = np.full(len(self.logs), True) if half is None else self.halves == half
        rows, logs = self.rows[own].astype(np.float64), self.logs[own]
        centre, middle = rows.mean(axis=0), float(logs.mean())
        rows -= centre
        gram = rows.T @ rows + penalty * np.eye(rows.shape[1])
        weights = np.linalg.solve(gram, rows.T @ (logs - middle))
        kernel = np.zeros(self.inputs, np.float32)
        kernel[self.chosen] = weights
        bias = middle - float(centre @ weights)
        said = rows @ weights + middle
        return Reach(
            scores=np.zeros(0, np.float32),
            kernel=kernel,
            bias=bias,
            low=float(said.min()),
            high=float(said.max()),
        )
