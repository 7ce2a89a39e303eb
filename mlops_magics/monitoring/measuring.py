"""How good were predictions whose label is known?

The metrics of training with their intervals, and how far each result is from what its
own probability promised. It finds no labels and reads no store.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mlops_magics.statistics import classification, estimates, intervals, regression
from mlops_magics.statistics.estimates import Gap

from .estimation import Promise
from .outcomes import Outcomes

Floats = NDArray[np.float64]
Ends = tuple[float, float]
# A probability of 0 for what happened would cost infinitely much.
LEAST = 1e-15


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What labelled predictions say.

    Attributes
    ----------
    count, unusable : int
        Labels that could be used, and labels that are no class or no number.
    metrics, intervals : mapping
        By name.
    gaps : mapping of str to Gap
        Measured less promised.
    positive_share, predicted_share : float or None
        For two classes.
    """

    count: int = 0
    unusable: int = 0
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    intervals: Mapping[str, Ends] = field(default_factory=dict)
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    positive_share: float | None = None
    predicted_share: float | None = None


def measure(labelled: Outcomes, promise: Promise) -> Measured:
    """Measure labelled predictions.

    Parameters
    ----------
    labelled : Outcomes
        At least one.
    promise : Promise
        How well calibration is known.

    Returns
    -------
    Measured
        Of classes where probabilities were recorded, else of numbers.
    """
    if labelled.shares is not None:
        return _of_classes(labelled, labelled.shares, promise)
    if labelled.values is not None:
        return _of_numbers(labelled, labelled.values, promise)
    return Measured(unusable=len(labelled))


def row_losses(labelled: Outcomes) -> Floats:
    """Return the loss of each labelled prediction.

    Parameters
    ----------
    labelled : Outcomes
        Labelled predictions.

    Returns
    -------
    array of float, shape (n,)
        Nats for classes, squared errors for numbers; NaN where a label or an answer
        cannot be used.
    """
    if labelled.shares is None:
        if labelled.values is None:
            return np.full(len(labelled), np.nan)
        return np.asarray((labelled.numbers() - labelled.values) ** 2, np.float64)
    codes = labelled.codes()
    said = labelled.shares[np.arange(len(codes)), np.maximum(codes, 0)]
    return np.asarray(np.where(codes < 0, np.nan, -np.log(np.clip(said, LEAST, 1.0))), np.float64)


def _of_classes(labelled: Outcomes, all_shares: Floats, promise: Promise) -> Measured:
    codes = labelled.codes()
    # a label that is none of the classes can be right for no answer; it is left out
    kept = (codes >= 0) & ~np.isnan(all_shares).any(axis=1)
    goals, shares = codes[kept], all_shares[kept]
    unusable = int(len(codes) - kept.sum())
    if not len(goals):
        return Measured(unusable=unusable)
    right = shares.argmax(axis=1) == goals
    losses = -np.log(np.clip(shares[np.arange(len(goals)), goals], LEAST, 1.0))
    is_binary = shares.shape[1] == 2
    metrics = {
        "accuracy": classification.accuracy(goals, shares.argmax(axis=1)),
        "loss": classification.log_loss(goals, shares),
        "auc": classification.auc(goals, shares),
    }
    ends = {
        "accuracy": _ends(intervals.wilson(int(right.sum()), len(goals))),
        "loss": _mean_ends(losses),
        "auc": _ends(intervals.auc_interval(goals == 1, shares[:, 1])) if is_binary else None,
    }
    return Measured(
        count=len(goals),
        unusable=unusable,
        metrics=metrics,
        intervals={name: found for name, found in ends.items() if found is not None},
        gaps=_gaps(goals, shares, losses, promise),
        positive_share=float(goals.mean()) if is_binary else None,
        predicted_share=float(shares[:, 1].mean()) if is_binary else None,
    )


def _gaps(
    goals: NDArray[np.int64], shares: Floats, losses: Floats, promise: Promise
) -> dict[str, Gap]:
    right = (shares.argmax(axis=1) == goals).astype(np.float64)
    expected = -(shares * np.log(np.clip(shares, LEAST, 1.0))).sum(axis=1)
    found = {
        "accuracy": estimates.gap(right - shares.max(axis=1), promise.accuracy_variance),
        "loss": estimates.gap(losses - expected, promise.loss_variance),
    }
    if shares.shape[1] == 2:
        found["share"] = estimates.gap(goals - shares[:, 1], promise.accuracy_variance)
    return {name: gap for name, gap in found.items() if gap is not None}


def _of_numbers(labelled: Outcomes, values: Floats, promise: Promise) -> Measured:
    labels = labelled.numbers()
    kept = ~np.isnan(labels) & ~np.isnan(values)
    goals, answers = labels[kept], values[kept]
    unusable = int(len(labels) - kept.sum())
    if not len(goals):
        return Measured(unusable=unusable)
    errors = np.abs(goals - answers)
    squares = _mean_ends(errors**2)
    ends = {
        "mae": _mean_ends(errors),
        "loss": squares,
        "rmse": None if squares is None else (squares[0] ** 0.5, squares[1] ** 0.5),
    }
    gaps = {}
    if labelled.widths is not None and promise.error is not None and promise.width:
        promised = promise.error / promise.width * labelled.widths[kept]
        gap = estimates.gap((errors - promised)[~np.isnan(promised)])
        gaps = {} if gap is None else {"mae": gap}
    return Measured(
        count=len(goals),
        unusable=unusable,
        metrics={
            "loss": regression.mse(goals, answers),
            "rmse": regression.rmse(goals, answers),
            "mae": regression.mae(goals, answers),
            "r2": regression.r2(goals, answers),
        },
        intervals={name: found for name, found in ends.items() if found is not None},
        gaps=gaps,
    )


def _ends(interval: intervals.Interval | None) -> Ends | None:
    return None if interval is None else (interval.low, interval.high)


def _mean_ends(values: Floats) -> Ends | None:
    """Return the 95 % interval of a mean that is not below zero; None of one value."""
    found = estimates.gap(values)
    return None if found is None else (max(found.low, 0.0), found.high)
