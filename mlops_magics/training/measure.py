"""How good is it on the rows that it has not seen?

Metrics of answers against targets. It trains nothing; where a metric is not
defined it is None.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mlops_magics.statistics import classification, intervals, regression

Metrics = dict[str, float | None]


def measure(
    answers: NDArray[np.float64], targets: NDArray[np.int64] | NDArray[np.float64]
) -> Metrics:
    """Return the metrics of answers.

    Parameters
    ----------
    answers : array, shape (n, classes) or (n,)
        Probabilities of classes, or predicted numbers.
    targets : array, shape (n,)
        Codes of classes, or numbers.

    Returns
    -------
    dict of str to float or None
        accuracy, loss and auc for classes; loss, rmse, mae and r2 for numbers.

    Examples
    --------
    >>> measure(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]))["accuracy"]
    1.0
    """
    if answers.ndim == 2:
        codes = targets.astype(np.int64)
        chosen = answers.argmax(axis=1).astype(np.int64)
        return {
            "accuracy": classification.accuracy(codes, chosen),
            "loss": classification.log_loss(codes, answers),
            "auc": classification.auc(codes, answers),
        }
    numbers = targets.astype(np.float64)
    return {
        "loss": regression.mse(numbers, answers),
        "rmse": regression.rmse(numbers, answers),
        "mae": regression.mae(numbers, answers),
        "r2": regression.r2(numbers, answers),
    }


def measure_intervals(
    answers: NDArray[np.float64], targets: NDArray[np.int64] | NDArray[np.float64]
) -> Mapping[str, tuple[float, float]]:
    """Return the 95 % intervals of the metrics that have one.

    Parameters
    ----------
    answers, targets : array
        As in `measure`.

    Returns
    -------
    mapping of str to (float, float)
        accuracy (Wilson) and, for two classes, auc (DeLong on the logit).

    Examples
    --------
    >>> list(measure_intervals(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1])))
    ['accuracy']
    """
    if answers.ndim == 1:
        return {}
    found = {}
    right = int((answers.argmax(axis=1) == targets).sum())
    accuracy = intervals.wilson(right, len(targets))
    if accuracy is not None:
        found["accuracy"] = (accuracy.low, accuracy.high)
    if answers.shape[1] == 2:
        auc = intervals.auc_interval(targets == 1, answers[:, 1])
        if auc is not None:
            found["auc"] = (auc.low, auc.high)
    return found


def measure_simple(
    training: NDArray[np.int64] | NDArray[np.float64],
    targets: NDArray[np.int64] | NDArray[np.float64],
    classes: int,
) -> Metrics:
    """Return the metrics of always answering what training rows say on average.

    Parameters
    ----------
    training, targets : array
        Targets of the rows to learn from and of those to measure on.
    classes : int
        Number of classes; 0 for regression.

    Returns
    -------
    dict of str to float or None
        What a model must beat.

    Examples
    --------
    >>> measure_simple(np.array([0, 0, 1]), np.array([0, 1]), 2)["accuracy"]
    0.5
    """
    if not classes:
        return measure(np.full(len(targets), training.mean()), targets)
    shares = np.bincount(training.astype(np.int64), minlength=classes) / len(training)
    return measure(np.tile(shares, (len(targets), 1)), targets)
