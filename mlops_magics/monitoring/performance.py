"""How good were the predictions, and how good do they promise to be?

Measured on labels that had time to come, by month, week or day, beside what the
probabilities of all predictions promise; the gap between the two on the same rows
tells whether the relation between inputs and truth is still that of training.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mlops_magics.model.baseline import Baseline
from mlops_magics.storage import Storage

from . import events, labels, maturity, measuring, outcomes, summaries, traffic
from .estimation import Promise, estimate
from .metrics import METER
from .outcomes import Outcomes
from .reports import Performance, PerformanceWindow
from .tallies import HOURS_OF_A_DAY, MICROSECONDS_OF_AN_HOUR, Hours, Integers, Tally

DAYS_OF_MONTHS, DAYS_OF_WEEKS = 62, 10
# Up to here windows are made of hours; above, days are fine enough, and fewer.
DAYS_OF_HOURS = 14
Z = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What training promised.

    Parameters
    ----------
    metrics : mapping of str to float or None, default={}
        On held-out rows.
    intervals : mapping of str to (float, float), default={}
        Their 95 % intervals, where they are known.
    baseline : Baseline, optional
        Whose confidences say how well calibration is known.
    width : float, optional
        Mean width of the intervals of a regression on held-out rows.
    """

    metrics: Mapping[str, float | None]
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
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
    own = maturity.stretch_of(labelled, length)
    ripe = maturity.judge(hours, own, labelled)
    seen = _Seen(hours=hours, labelled=labelled, own=own, promise=promise, mature=ripe.mature)
    windows = seen.windows()
    overall = seen.window("all", ripe.mature or frozenset(hours))
    if not overall.labelled and not any(w.estimated or w.labelled for w in windows):
        return None
    return Performance(
        model_id=model_id,
        version=version,
        overall=overall,
        windows=windows,
        reference=reference.metrics,
        reference_intervals=_intervals(reference, promise),
        horizon=ripe.horizon,
    )


def _intervals(reference: Reference, promise: Promise) -> dict[str, tuple[float, float]]:
    """Return how well the metrics of training are known; of classes at least roughly."""
    found = dict(reference.intervals)
    variances = {"accuracy": promise.accuracy_variance, "loss": promise.loss_variance}
    for name, variance in variances.items():
        value = reference.metrics.get(name)
        if name not in found and value is not None and variance:
            reach = Z * variance**0.5
            found[name] = (value - reach, value + reach)
    return found


def _length(parts: Sequence[Hours]) -> int:
    """Return of how many hours windows are made."""
    ends = [(int(h.hour[0]), int(h.hour[-1])) for h in parts if len(h.hour)]
    span = max((last for _, last in ends), default=0) - min((f for f, _ in ends), default=0)
    return 1 if span <= DAYS_OF_HOURS * HOURS_OF_A_DAY else HOURS_OF_A_DAY


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """All that is known of a version: traffic by stretch, and its labelled predictions."""

    hours: Mapping[int, Tally]
    labelled: Outcomes | None
    own: Integers
    promise: Promise
    mature: frozenset[int]

    def windows(self) -> tuple[PerformanceWindow, ...]:
        """Return a window for each month, week or day."""
        names = _period_names(np.array(list(self.hours), np.int64))
        by_name: dict[str, list[int]] = {}
        for hour, name in zip(self.hours, names, strict=True):
            by_name.setdefault(name, []).append(hour)
        return tuple(self.window(name, frozenset(hours)) for name, hours in by_name.items())

    def window(self, name: str, inside: frozenset[int]) -> PerformanceWindow:
        """Return one window of these stretches."""
        tally = Tally.empty(METER)
        for hour in inside:
            tally.add(self.hours[hour])
        found = measuring.Measured()
        if self.labelled is not None:
            rows = np.flatnonzero(np.isin(self.own, sorted(inside)))
            if len(rows):
                found = measuring.measure(self.labelled.take(rows), self.promise)
        return PerformanceWindow(
            name=name,
            count=int(tally.counts[traffic.ROWS]),
            labelled=found.count,
            metrics=found.metrics,
            intervals=found.intervals,
            positive_share=found.positive_share,
            predicted_share=found.predicted_share,
            estimated=estimate(tally, self.promise),
            gaps=found.gaps,
            unusable=found.unusable,
            is_mature=inside <= self.mature,
        )


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
