"""What performance do the predictions themselves promise?

From the sums of a window alone: no row is read and no label needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlops_magics.model.baseline import Baseline
from mlops_magics.statistics import estimates
from mlops_magics.statistics.estimates import Estimate
from mlops_magics.statistics.sketch import GAMMA

from . import traffic
from .tallies import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What is known of a model's calibration.

    Attributes
    ----------
    accuracy_variance, loss_variance : float
        Variance of (correct - c) and of (loss - entropy) on validation rows, each
        divided by their number.
    error, width : float or None
        Mean absolute error and mean width of intervals on validation rows; None for
        classes, and where no intervals were made.
    """

    accuracy_variance: float = 0.0
    loss_variance: float = 0.0
    error: float | None = None
    width: float | None = None

    @classmethod
    def of(
        cls,
        metrics: Mapping[str, float | None],
        baseline: Baseline | None,
        width: float | None,
    ) -> "Promise":
        """Return what a model's training says of its calibration.

        Parameters
        ----------
        metrics : mapping of str to float or None
            On held-out rows.
        baseline : Baseline or None
            With the confidences of rows that were not learned from.
        width : float or None
            Mean width of intervals on held-out rows.

        Returns
        -------
        Promise
            Nothing known makes intervals narrower than they should be, not wrong.
        """
        sure = None if baseline is None else baseline.confidence
        if sure is None:
            return cls(error=metrics.get("mae"), width=width)
        accuracy, loss = estimates.two_class_variance(sure.sample.astype(np.float64))
        rows = max(sure.rows, 1)
        return cls(accuracy_variance=accuracy / rows, loss_variance=loss / rows)


def estimate(tally: Tally, promise: Promise) -> dict[str, Estimate]:
    """Estimate the performance of a window.

    Parameters
    ----------
    tally : Tally
        Of the traffic.
    promise : Promise
        How well calibration is known.

    Returns
    -------
    dict of str to Estimate
        accuracy, and for two classes loss and auc; mae for numbers with intervals.
        The ends of auc and mae are their value: nothing is said of them.
    """
    found: dict[str, Estimate | None] = {}
    sure = int(tally.counts[traffic.SURE])
    share, counts = traffic.odds_of(tally)
    if sure:
        sums = [int(tally.sums[i]) / traffic.BILLION for i in range(len(tally.sums))]
        found["accuracy"] = estimates.accuracy(
            sums[traffic.CONFIDENCE_SUM],
            sums[traffic.VARIANCE_SUM],
            sure,
            promise.accuracy_variance,
        )
    if counts.any():
        found["loss"] = estimates.log_loss(share, counts, promise.loss_variance)
        area = estimates.auc(share, counts)
        found["auc"] = None if area is None else Estimate(area, area, area)
    half = traffic.sketch_of(tally, traffic.WIDTH)
    if half and promise.error is not None and promise.width:
        mean = sum(2 * GAMMA**cell / (GAMMA + 1) * n for cell, n in half.items())
        width = 2 * mean / sum(half.values())
        error = estimates.absolute_error(width, promise.error, promise.width)
        found["mae"] = Estimate(error, error, error)
    return {name: value for name, value in found.items() if value is not None}
