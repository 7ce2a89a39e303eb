"""Is a model well, to be watched, or must something be done: and why?

One judgement from what traffic, drift and performance say. It computes no statistic;
every reason is one that they already found beyond chance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .alert import Alert
from .drift import range_is_left
from .reports import ColumnDrift, DriftReport, Metrics, Performance

State = Literal["act", "watch", "healthy", "early"]
Kind = Literal[
    "failures",
    "worse",
    "unit",
    "clock",
    "missing",
    "invalid",
    "relation",
    "expected worse",
    "drift",
    "unseen",
    "range",
    "pair",
    "slice",
    "alert",
]
# Below this nothing is said of a model, good or bad.
FEWEST_EVENTS = 30
FAILURES_TO_ACT = 0.05
# A loss that is worse beyond chance but by less is not worth a training.
LEAST_LOSS_INCREASE = 0.05
MOSTLY_MISSING = 0.5
# Open alerts that somebody must do something about where they are large; others are watched.
ALERTS_TO_ACT = frozenset({"missing", "unit", "clock", "performance", "errors", "silence"})
Z, Z_TO_ACT = 1.959963984540054, 3.1
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that is not as it was.

    Attributes
    ----------
    kind : str
        What it is about.
    is_urgent : bool
        Whether something must be done.
    subject : str
        The column, the pair, the slice or the metric.
    found, promised : float or None
        The figure, and what training had.
    """

    kind: Kind
    is_urgent: bool
    subject: str
    found: float | None = None
    promised: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a model is doing.

    Attributes
    ----------
    state : str
        act, watch, healthy, or early: too few predictions to say.
    reasons : tuple of Reason
        The most urgent first; empty for a healthy model.
    """

    state: State
    reasons: tuple[Reason, ...]


def judge(
    metrics: Metrics,
    drift: DriftReport | None,
    performance: Performance | None,
    alerts: Sequence[Alert] = (),
) -> Health:
    """Judge a model by all that is known of a window.

    Parameters
    ----------
    metrics : Metrics
        Traffic.
    drift : DriftReport or None
        None without a baseline.
    performance : Performance or None
        None without labels and probabilities.
    alerts : sequence of Alert, default=()
        Of the model: those that are open count.

    Returns
    -------
    Health
        The state with its reasons.
    """
    found = [*_failures(metrics)]
    if drift is not None:
        found += [reason for column in drift.columns for reason in broken(column)]
    if performance is not None:
        found += _worse(performance)
    if drift is not None:
        found += _moved(drift)
    found += _alerts(alerts, {reason.subject for reason in found})
    found.sort(key=lambda reason: not reason.is_urgent)
    if found:
        return Health(state="act" if found[0].is_urgent else "watch", reasons=tuple(found))
    is_early = metrics.count < FEWEST_EVENTS
    return Health(state="early" if is_early else "healthy", reasons=())


def _failures(metrics: Metrics) -> Iterator[Reason]:
    share = metrics.error_rate or 0.0
    if share and metrics.count >= FEWEST_EVENTS:
        yield Reason(
            kind="failures", is_urgent=share >= FAILURES_TO_ACT, subject="predictions", found=share
        )


def broken(column: ColumnDrift) -> Iterator[Reason]:
    """Yield what looks like a mistake in what feeds the model."""
    if column.role != "feature":
        return
    if column.unit is not None:
        yield Reason(
            kind="unit",
            is_urgent=True,
            subject=column.name,
            found=column.unit,
            promised=column.unit_share,
        )
    if column.hours is not None:
        yield Reason(kind="clock", is_urgent=True, subject=column.name, found=column.hours)
    before, now = column.missing
    is_gone = now >= MOSTLY_MISSING and now > before and column.has_moved
    if is_gone or (column.drift.state == "all missing" and before < 1):
        yield Reason(
            kind="missing", is_urgent=True, subject=column.name, found=now, promised=before
        )
    if column.invalid:
        yield Reason(kind="invalid", is_urgent=False, subject=column.name, found=column.invalid)


def _worse(performance: Performance) -> Iterator[Reason]:
    whole, promised = performance.overall, performance.reference.get("loss")
    before = performance.reference_intervals.get("loss")
    loss, estimated = whole.metrics.get("loss"), whole.estimated.get("loss")
    if promised is not None and loss is not None:
        if _is_worse((loss, whole.intervals.get("loss")), (promised, before)):
            yield Reason(
                kind="worse", is_urgent=True, subject="loss", found=loss, promised=promised
            )
    elif promised is not None and estimated is not None:
        now = (estimated.value, (estimated.low, estimated.high))
        if _is_worse(now, (promised, before)):
            yield Reason(
                kind="expected worse",
                is_urgent=False,
                subject="loss",
                found=estimated.value,
                promised=promised,
            )
    if performance.has_changed:
        sure = min(whole.gaps.items(), key=lambda pair: pair[1].p_value)
        yield Reason(kind="relation", is_urgent=False, subject=sure[0], found=sure[1].value)


def _is_worse(now: tuple[float, Ends | None], before: tuple[float, Ends | None]) -> bool:
    """Return whether a loss is larger beyond the chance of both figures, and by enough."""
    if now[1] is None or before[1] is None:
        return False
    widths = [ends[1] - ends[0] for ends in (now[1], before[1])]
    error = sum((width / 2 / Z) ** 2 for width in widths) ** 0.5
    apart = now[0] - before[0]
    return apart > Z_TO_ACT * error and apart > LEAST_LOSS_INCREASE * before[0]


def _moved(drift: DriftReport) -> Iterator[Reason]:
    for column in drift.moved:
        yield Reason(kind="drift", is_urgent=False, subject=column.name, found=column.drift.size)
    for column in drift.columns:
        if column.role != "feature" or column.has_moved or column.drift.state == "too few rows":
            continue
        if range_is_left(column):
            yield Reason(kind="range", is_urgent=False, subject=column.name, found=column.outside)
    for pair in drift.pairs:
        subject = f"{pair.first} and {pair.second}"
        yield Reason(
            kind="pair", is_urgent=False, subject=subject, found=pair.now, promised=pair.before
        )
    if drift.by is None:
        for one in drift.slices:
            names = ", ".join(column.name for column in one.moved)
            subject = f"{names} where {one.by} is {one.value}"
            yield Reason(kind="slice", is_urgent=False, subject=subject, found=one.count)


def _alerts(alerts: Sequence[Alert], named: set[str]) -> Iterator[Reason]:
    """Yield what is open and is not named yet: it may be older than the window."""
    for alert in alerts:
        if alert.state == "open" and alert.subject not in named:
            must_act = alert.severity == "large" and alert.kind in ALERTS_TO_ACT
            yield Reason(kind="alert", is_urgent=must_act, subject=alert.said)
