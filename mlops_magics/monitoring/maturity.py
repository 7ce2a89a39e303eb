"""Which predictions are old enough to be judged by their labels?

Some outcomes are known sooner than others, so labels that came so far say too much of
the quick ones. A stretch of time is mature when nearly all labels that will come have
come. It measures nothing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlops_magics.statistics import delays

from . import traffic
from .outcomes import Outcomes
from .tallies import MICROSECONDS_OF_AN_HOUR, Integers, Tally

# Share of the labels that has come by the horizon, or to a stretch that needs none.
MATURE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Maturity:
    """Which stretches are mature.

    Attributes
    ----------
    mature : frozenset of int
        By the hour with which each begins.
    horizon : int or None
        The age at which 95 % of the labels have come, microseconds; None before any.
    until : int or None
        Predictions up to then are old enough, microseconds; None before any label.
    """

    mature: frozenset[int]
    horizon: int | None
    until: int | None


def stretch_of(labelled: Outcomes | None, length: int) -> Integers:
    """Return the stretch of each labelled prediction, by the hour with which it begins."""
    if labelled is None:
        return np.zeros(0, np.int64)
    return labelled.event_time // MICROSECONDS_OF_AN_HOUR // length * length


def judge(hours: Mapping[int, Tally], own: Integers, labelled: Outcomes | None) -> Maturity:
    """Tell which stretches are mature.

    Parameters
    ----------
    hours : mapping of int to Tally
        Traffic of each stretch, by the hour with which it begins.
    own : array of int, shape (n,)
        The stretch of each labelled prediction, as `stretch_of` returns them.
    labelled : Outcomes or None
        The labelled predictions.

    Returns
    -------
    Maturity
        Stretches that are old enough, or whose labels have nearly all come.
    """
    if labelled is None or not len(labelled):
        return Maturity(mature=frozenset(), horizon=None, until=None)
    came = Counter(own.tolist())
    # the newest moment that events or labels tell of
    end = max(int(labelled.known_at.max()), max(tally.last or 0 for tally in hours.values()))
    horizon = _horizon(hours, came, labelled, end)
    until = end - (horizon or 0)
    mature = frozenset(
        hour
        for hour, tally in hours.items()
        if (tally.last or 0) <= until or came[hour] >= MATURE * int(tally.counts[traffic.ROWS])
    )
    return Maturity(mature=mature, horizon=horizon, until=until)


def _horizon(
    hours: Mapping[int, Tally], came: Mapping[int, int], labelled: Outcomes, end: int
) -> int | None:
    """Return the age at which 95 % of the labels have come; who waits is counted roughly."""
    waiting = [
        np.full(int(tally.counts[traffic.ROWS]) - came[hour], end - (tally.last or 0))
        for hour, tally in hours.items()
    ]
    # an outcome that was known before its prediction has come at once
    delay = np.maximum(labelled.known_at - labelled.event_time, 0)
    return delays.horizon(delay, np.concatenate(waiting), MATURE)
