"""How good were the predictions, and how good do they promise to be?

Measured on labels that had time to come, by month, week or day, beside what the
probabilities of all predictions promise; the gap between the two on the same rows
tells whether the relation between inputs and truth is still that of training.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlops_magics.model.baseline import Baseline
from mlops_magics.statistics import delays
from mlops_magics.storage import Storage

from . import events, labels, measuring, outcomes, summaries, traffic
from .estimation import Promise, estimate
from .metrics import METER
from .outcomes import Outcomes
from .reports import Performance, PerformanceWindow
from .tallies import HOURS_OF_A_DAY, MICROSECONDS_OF_AN_HOUR, Hours, Integers, Tally

DAYS_OF_MONTHS, DAYS_OF_WEEKS = 62, 10
# Up to here windows are made of hours; above, days are fine enough, and fewer.
DAYS_OF_HOURS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What training promised.

    Parameters
    ----------
    metrics : mapping of str to float or None, default={}
        On held-out rows.
    baseline : Baseline, optional
        Whose confidences say how well calibration is known.
    width : float, optional
        Mean width of the intervals of a regression on held-out rows.
    """

    metrics: Mapping[str, float | None]
    baseline: Baseline | None = None
    width: float | None = None


def measure(
    storage: Storage, model_id: str, version: str, reference: Reference, since: int | None
) -> Performance | None:
    """Measure a version, and estimate what is not known yet.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id, version : str
        The version that answered.
    reference : Reference
        What training promised.
    since : int or None
        From the beginning of this hour on, microseconds.

    Returns
    -------
    Performance or None
        None without predictions, and where there is neither label nor promise.
    """
    name = events.stream(model_id, version)
    begin = summaries.NEVER if since is None else since // MICROSECONDS_OF_AN_HOUR
    parts = summaries.collect(storage, name, [METER], begin)[0]
    length = _length(parts)
    hours = summaries.by_length(METER, parts, length)
    if not hours:
        return None
    start = min(hours) * MICROSECONDS_OF_AN_HOUR
    known = labels.newest_labels(storage, model_id, start)
    labelled = outcomes.read(storage, name, known, start) if known else None
    promise = Promise.of(reference.metrics, reference.baseline, reference.width)
    waited = None if labelled is None else _horizon(hours, length, labelled)
    mature = _mature_until(hours, labelled, waited)
    windows = _windows((hours, length), labelled, promise, mature)
    overall = _overall(hours, labelled, promise, mature)
    if not overall.labelled and not any(w.estimated or w.labelled for w in windows):
        return None
    return Performance(
        model_id=model_id,
        version=version,
        overall=overall,
        windows=windows,
        reference=reference.metrics,
        horizon=waited,
    )


def _length(parts: Sequence[Hours]) -> int:
    """Return of how many hours windows are made."""
    ends = [(int(h.hour[0]), int(h.hour[-1])) for h in parts if len(h.hour)]
    span = max((last for _, last in ends), default=0) - min((f for f, _ in ends), default=0)
    return 1 if span <= DAYS_OF_HOURS * HOURS_OF_A_DAY else HOURS_OF_A_DAY


def _overall(
    hours: Mapping[int, Tally], labelled: Outcomes | None, promise: Promise, mature: int | None
) -> PerformanceWindow:
    """Return all that is old enough; all there is where nothing is."""
    if mature is None or mature <= min(hours):
        return _window("all", hours, labelled, promise, mature is None or labelled is None)
    old = {hour: tally for hour, tally in hours.items() if hour < mature}
    assert labelled is not None
    is_old = labelled.event_time < mature * MICROSECONDS_OF_AN_HOUR
    return _window("all", old, labelled.take(np.flatnonzero(is_old)), promise, True)


def _windows(
    stretches: tuple[Mapping[int, Tally], int],
    labelled: Outcomes | None,
    promise: Promise,
    mature: int | None,
) -> tuple[PerformanceWindow, ...]:
    hours, length = stretches
    names = dict(zip(hours, _period_names(np.array(list(hours), np.int64)), strict=True))
    own = None
    if labelled is not None:
        begin = labelled.event_time // MICROSECONDS_OF_AN_HOUR // length * length
        own = np.array([names[hour] for hour in begin.tolist()])
    windows = []
    for name in dict.fromkeys(names.values()):
        inside = {hour: tally for hour, tally in hours.items() if names[hour] == name}
        rows = None
        if labelled is not None and own is not None:
            rows = labelled.take(np.flatnonzero(own == name))
        is_mature = mature is not None and max(inside) < mature
        windows.append(_window(name, inside, rows, promise, is_mature))
    return tuple(windows)


def _window(
    name: str,
    hours: Mapping[int, Tally],
    labelled: Outcomes | None,
    promise: Promise,
    is_mature: bool,
) -> PerformanceWindow:
    tally = Tally.empty(METER)
    for part in hours.values():
        tally.add(part)
    found = measuring.Measured()
    if labelled is not None and len(labelled):
        found = measuring.measure(labelled, promise)
    return PerformanceWindow(
        name=name,
        count=int(tally.counts[traffic.ROWS]),
        labelled=found.count,
        metrics=found.metrics,
        intervals=found.intervals,
        positive_share=found.positive_share,
        predicted_share=found.predicted_share,
        estimated=estimate(tally, promise),
        gaps=found.gaps,
        unusable=found.unusable,
        is_mature=is_mature,
    )


def _horizon(hours: Mapping[int, Tally], length: int, labelled: Outcomes) -> int | None:
    """Return the age at which 95 % of the labels have come; who waits is counted roughly."""
    if not len(labelled):
        return None
    own = labelled.event_time // MICROSECONDS_OF_AN_HOUR // length * length
    came = Counter(own.tolist())
    end = _end(hours, labelled)
    waiting = [
        np.full(int(tally.counts[traffic.ROWS]) - came[hour], end - (tally.last or 0))
        for hour, tally in hours.items()
    ]
    # an outcome that was known before its prediction has come at once
    delay = np.maximum(labelled.known_at - labelled.event_time, 0)
    return delays.horizon(delay, np.concatenate(waiting))


def _end(hours: Mapping[int, Tally], labelled: Outcomes) -> int:
    """Return the newest moment that events or labels tell of."""
    return max(int(labelled.known_at.max()), max(tally.last or 0 for tally in hours.values()))


def _mature_until(
    hours: Mapping[int, Tally], labelled: Outcomes | None, waited: int | None
) -> int | None:
    """Return the hour before which predictions are old enough; None without labels."""
    if labelled is None or waited is None:
        return None
    return (_end(hours, labelled) - waited) // MICROSECONDS_OF_AN_HOUR + 1


def _period_names(hours: Integers) -> list[str]:
    """Name the month of each hour; the week, or the day, where there are few days."""
    days = (hours // HOURS_OF_A_DAY).astype("datetime64[D]")
    span = int(hours.max() - hours.min()) // HOURS_OF_A_DAY
    if span > DAYS_OF_MONTHS:
        return [str(month) for month in days.astype("datetime64[M]")]
    if span > DAYS_OF_WEEKS:
        weeks = [day.isocalendar() for day in days.tolist()]
        return [f"{week.year}-W{week.week:02d}" for week in weeks]
    return [str(day) for day in days]
