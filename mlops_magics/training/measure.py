"""How good is it on the rows that it has not seen?

Metrics of answers against targets, and their intervals. It trains nothing; where a
metric is not defined it is None, and `why_undefined` says why.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mlops_magics.statistics import classification, intervals, regression
from mlops_magics.statistics.classification import SMALLEST_PROBABILITY
from mlops_magics.statistics.intervals import Interval
from mlops_magics.statistics.resampling import bootstrap

Metrics = dict[str, float | None]
Floats = NDArray[np.float64]
Targets = NDArray[np.int64] | NDArray[np.float64]


def measure(answers: Floats, targets: Targets) -> Metrics:
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


def why_undefined(metrics: Metrics, targets: Targets) -> dict[str, str]:
    """Return why each metric without a value has none.

    Parameters
    ----------
    metrics : dict of str to float or None
        As `measure` returned them.
    targets : array, shape (n,)
        What it measured on.

    Returns
    -------
    dict of str to str
        Empty where all are defined.

    Examples
    --------
    >>> why_undefined({"accuracy": 1.0, "auc": None}, np.zeros(9, int))
    {'auc': 'undefined: the 9 rows have one class'}
    """
    rows = f"the {len(targets):,} rows have one"
    reasons = {"auc": f"undefined: {rows} class", "r2": f"undefined: {rows} value"}
    return {
        name: reasons.get(name, "undefined: there are no rows")
        for name, found in metrics.items()
        if found is None
    }


def row_losses(answers: Floats, targets: Targets) -> Floats:
    """Return the loss of each row: nats for classes, squared errors for numbers.

    Parameters
    ----------
    answers : array, shape (n, classes) or (n,)
        Probabilities of classes, or predicted numbers.
    targets : array, shape (n,)
        Codes of classes, or numbers.

    Returns
    -------
    array of float, shape (n,)
        Their mean is the metric `loss`.

    Examples
    --------
    >>> row_losses(np.array([1.0, 4.0]), np.array([1.0, 2.0])).tolist()
    [0.0, 4.0]
    """
    if answers.ndim == 2:
        happened = answers[np.arange(len(targets)), targets.astype(np.int64)]
        return np.asarray(-np.log(np.clip(happened, SMALLEST_PROBABILITY, 1.0)), np.float64)
    return np.asarray((answers - targets) ** 2, np.float64)


def measure_intervals(
    answers: Floats, targets: Targets, groups: NDArray[np.int64] | None = None
) -> Mapping[str, tuple[float, float]]:
    """Return the 95 % intervals of the metrics that have one.

    Parameters
    ----------
    answers, targets : array
        As in `measure`.
    groups : array of int, shape (n,), optional
        Entity of each row, where entities have several: they are drawn, not rows.

    Returns
    -------
    mapping of str to (float, float)
        accuracy (Wilson), auc of two classes (DeLong on the logit), the others by
        bootstrap; none where there are too few rows.

    Examples
    --------
    >>> list(measure_intervals(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1])))
    ['accuracy']
    """
    found = _of_numbers(answers, targets, groups)
    if answers.ndim == 2:
        found = _of_classes(answers, targets, groups)
    return {name: (ends.low, ends.high) for name, ends in found.items() if ends is not None}


def _of_classes(
    answers: Floats, targets: Targets, groups: NDArray[np.int64] | None
) -> dict[str, Interval | None]:
    right = answers.argmax(axis=1) == targets
    values = np.stack([right.astype(np.float64), row_losses(answers, targets)], axis=1)
    found = {"accuracy": intervals.wilson(int(right.sum()), len(targets))}
    if groups is not None:
        found["accuracy"] = bootstrap(values, lambda means: means[:, 0], groups)
    found["loss"] = bootstrap(values, lambda means: means[:, 1], groups)
    # DeLong's variance takes rows for independent
    if answers.shape[1] == 2 and groups is None:
        found["auc"] = intervals.auc_interval(targets == 1, answers[:, 1])
    return found


def _of_numbers(
    answers: Floats, targets: Targets, groups: NDArray[np.int64] | None
) -> dict[str, Interval | None]:
    if answers.ndim == 2:
        return {}
    off = answers - targets
    # of numbers far from 0 the difference of means of squares would be rounding
    centred = targets - targets.mean() if len(targets) else targets
    values = np.stack([off**2, np.abs(off), centred, centred**2], axis=1).astype(np.float64)

    def explained(means: Floats) -> Floats:
        spread = means[:, 3] - means[:, 2] ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(1 - means[:, 0] / spread)

    return {
        "loss": bootstrap(values, lambda means: means[:, 0], groups),
        "rmse": bootstrap(values, lambda means: np.sqrt(means[:, 0]), groups),
        "mae": bootstrap(values, lambda means: means[:, 1], groups),
        "r2": bootstrap(values, explained, groups),
    }
