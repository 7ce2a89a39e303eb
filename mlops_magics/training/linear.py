"""What does a linear model say of the same rows?

Ridge for numbers and ridge logistic regression for classes, in NumPy on the encoded
inputs without their pieces: what an ensemble of networks must beat to be worth its time.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PENALTIES = (0.1, 1.0, 10.0, 100.0)
PENALTY_OF_CLASSES = 1.0
STEPS_OF_CLASSES = 300
SMALLEST_STEP = 1e-5
# A baseline need not see more: its error hardly falls, its cost does not stop rising.
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A fitted linear model.

    Parameters
    ----------
    middle, spread : array of float, shape (inputs,)
        Mean and deviation of the inputs.
    kernel : array of float, shape (inputs, outputs)
        The weights.
    bias : array of float, shape (outputs,)
        Added to each output.

    Examples
    --------
    >>> inputs = np.arange(20.0)[:, None]
    >>> linear = fit_numbers(inputs, inputs[:, 0] * 2)
    >>> linear(np.array([[10.0]])).round(1).tolist()
    [[20.0]]
    """

    middle: Floats
    spread: Floats
    kernel: Floats
    bias: Floats

    def __call__(self, inputs: NDArray[Any]) -> Floats:
        """Return logits of classes, or numbers."""
        return ((inputs - self.middle) / self.spread) @ self.kernel + self.bias


def fit_numbers(inputs: NDArray[Any], targets: Floats) -> Linear:
    """Fit a ridge regression, its penalty by generalised cross-validation.

    Parameters
    ----------
    inputs : array, shape (n, inputs)
        Finite.
    targets : array of float, shape (n,)
        In any unit.

    Returns
    -------
    Linear
        With one output.

    Notes
    -----
    Golub, Heath & Wahba (1979); penalties 0.1 to 100 on standardised inputs, as
    scikit-learn's RidgeCV has them.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(200, 3))
    >>> fit_numbers(rows, rows @ [1.0, 0.0, -2.0]).kernel[:, 0].round().tolist()
    [1.0, 0.0, -2.0]
    """
    middle, spread, rows = _standardised(inputs[:MOST_ROWS])
    centre = targets[:MOST_ROWS].mean()
    left, sizes, right = np.linalg.svd(rows, full_matrices=False)
    along = left.T @ (targets[:MOST_ROWS] - centre)
    best, kernel = np.inf, np.zeros(rows.shape[1])
    for penalty in PENALTIES:
        kept = sizes**2 / (sizes**2 + penalty)
        residual = targets[:MOST_ROWS] - centre - left @ (kept * along)
        freedom = max(len(rows) - 1 - kept.sum(), 1e-9)
        cost = float((residual**2).sum() / freedom**2)
        if cost < best:
            best, kernel = cost, right.T @ (sizes / (sizes**2 + penalty) * along)
    return Linear(middle, spread, kernel[:, None], np.array([centre]))


def fit_classes(inputs: NDArray[Any], codes: NDArray[np.int64], classes: int) -> Linear:
    """Fit a ridge logistic regression of two or more classes.

    Parameters
    ----------
    inputs : array, shape (n, inputs)
        Finite.
    codes : array of int, shape (n,)
        The classes.
    classes : int
        How many there are.

    Returns
    -------
    Linear
        With one output a class; `shares` makes them probabilities.

    Notes
    -----
    Bound optimisation: the Hessian is replaced by its fixed upper bound (Bohning 1992,
    for softmax half the Gram matrix), factored once, with Nesterov's momentum.

    Examples
    --------
    >>> rows = np.linspace(-3, 3, 60)[:, None]
    >>> linear = fit_classes(rows, (rows[:, 0] > 0).astype(int), 2)
    >>> linear(np.array([[-2.0], [2.0]])).argmax(axis=1).tolist()
    [0, 1]
    """
    middle, spread, rows = _standardised(inputs[:MOST_ROWS])
    codes = codes[:MOST_ROWS]
    rows = np.append(rows, np.ones((len(rows), 1)), axis=1)
    penalty = np.full(rows.shape[1], PENALTY_OF_CLASSES)
    penalty[-1] = 1e-6  # the bias is free
    bound = rows.T @ rows / 2 + np.diag(penalty)
    back = np.linalg.inv(bound)
    truth = np.eye(classes)[codes]
    kernel: Floats = np.zeros((rows.shape[1], classes))
    ahead: Floats = kernel
    for step in range(STEPS_OF_CLASSES):
        slope = rows.T @ (shares(rows @ ahead) - truth) + penalty[:, None] * ahead
        after = ahead - back @ slope
        moved = after - kernel
        ahead = after + step / (step + 3) * moved
        kernel = after
        if np.abs(moved).max() < SMALLEST_STEP:
            break
    return Linear(middle, spread, kernel[:-1], kernel[-1])


def shares(logits: Floats) -> Floats:
    """Return the probabilities of logits, along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float64)


def _standardised(inputs: NDArray[Any]) -> tuple[Floats, Floats, Floats]:
    wide = inputs.astype(np.float64)
    middle, spread = wide.mean(axis=0), wide.std(axis=0)
    spread[spread == 0] = 1.0
    return middle, spread, (wide - middle) / spread
