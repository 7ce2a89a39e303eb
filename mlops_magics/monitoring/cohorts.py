"""How large was the loss of each week whose labels have come?

Whole UTC weeks, joined until they hold enough labels, of predictions that are old
enough. Disjoint, so that looking at each once costs a known rate of false alarms. It
compares with nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_magics.storage import Storage

from . import events, labels, maturity, outcomes, summaries, traffic
from .measuring import row_losses
from .metrics import METER
from .outcomes import Outcomes
from .tallies import HOURS_OF_A_DAY, MICROSECONDS_OF_AN_HOUR, Tally

DAY = HOURS_OF_A_DAY * MICROSECONDS_OF_AN_HOUR
WEEK = 7 * DAY
# 1970 began on a Thursday, and weeks begin on Mondays
FIRST_MONDAY = 4 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Labelled predictions of some weeks.

    Attributes
    ----------
    start, end : int
        Its bounds of event_time, microseconds, without `end`.
    count, labelled : int
        Predictions, and those with a label that can be used.
    loss : float
        Mean loss of the labelled ones: nats for classes, squared error for numbers.
    error : float
        Standard error of that mean.
    """

    start: int
    end: int
    count: int
    labelled: int
    loss: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Matured:
    """What the labels of a version say, as far as they can.

    Attributes
    ----------
    cohorts : tuple of Cohort
        Oldest first.
    labelled : int
        Labelled predictions that are old enough, also those of no whole cohort.
    until : int or None
        Predictions up to then are old enough, microseconds; None before any label.
    """

    cohorts: tuple[Cohort, ...] = ()
    labelled: int = 0
    until: int | None = None


def measure(storage: Storage, version: tuple[str, str], least: int) -> Matured:
    """Return the cohorts of a version that are mature.

    Parameters
    ----------
    storage : Storage
        The workspace.
    version : (str, str)
        Model and version.
    least : int
        Labels that a cohort needs.

    Returns
    -------
    Matured
        Weeks that have ended by the clock and by their labels.
    """
    name = events.stream(*version)
    known = labels.newest_labels(storage, version[0], None)
    if not known:
        return Matured()
    labelled = outcomes.read(storage, name, known, None)
    parts = summaries.collect(storage, name, [METER])[0]
    days = summaries.by_length(METER, parts, HOURS_OF_A_DAY)
    if not days or not len(labelled):
        return Matured()
    own = maturity.stretch_of(labelled, HOURS_OF_A_DAY)
    ripe = maturity.judge(days, own, labelled)
    losses = row_losses(labelled)
    usable = np.isfinite(losses) & np.isin(own, sorted(ripe.mature))
    labelled, losses = labelled.take(np.flatnonzero(usable)), losses[usable]
    weeks = _weeks(days, ripe.mature, storage.clock.now())
    cohorts = tuple(_joined(weeks, labelled, losses, least))
    return Matured(cohorts=cohorts, labelled=len(losses), until=ripe.until)


def week_of(moment: int) -> int:
    """Return the begin of the UTC week of a moment, a Monday, microseconds."""
    return (moment - FIRST_MONDAY) // WEEK * WEEK + FIRST_MONDAY


def _weeks(
    days: Mapping[int, Tally], mature: frozenset[int], now: int
) -> dict[int, tuple[int, bool]]:
    """Return the predictions of each week that has ended, and whether all of them are mature."""
    found: dict[int, tuple[int, bool]] = {}
    for hour, tally in days.items():
        begin = week_of(hour * MICROSECONDS_OF_AN_HOUR)
        if begin + WEEK <= now:
            count, is_mature = found.get(begin, (0, True))
            count += int(tally.counts[traffic.ROWS])
            found[begin] = count, is_mature and hour in mature
    return found


def _joined(
    weeks: Mapping[int, tuple[int, bool]],
    labelled: Outcomes,
    losses: NDArray[np.float64],
    least: int,
) -> Iterator[Cohort]:
    """Yield weeks, joined with later ones until they hold enough labels."""
    start, count = None, 0
    for begin, (in_week, is_mature) in weeks.items():
        if not is_mature:
            return
        start, count = begin if start is None else start, count + in_week
        first, last = np.searchsorted(labelled.event_time, [start, begin + WEEK])
        own = losses[first:last]
        if len(own) >= max(least, 2):
            yield Cohort(
                start=start,
                end=begin + WEEK,
                count=count,
                labelled=len(own),
                loss=float(own.mean()),
                error=float(own.std(ddof=1) / np.sqrt(len(own))),
            )
            start, count = None, 0
