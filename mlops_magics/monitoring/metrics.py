"""How much traffic did a model have in a window, and how did it go?

Sums of summaries for whole hours; rows are read only for the parts of an hour at
either end.
"""

from collections import Counter
from collections.abc import Sequence

from mlops_magics.statistics import sketch
from mlops_magics.storage import Storage
from mlops_magics.storage.rows import Span

from . import summaries, traffic
from .reports import Metrics
from .tallies import HOURS_OF_A_DAY, MICROSECONDS_OF_AN_HOUR, Hours, Tally, by_hour
from .traffic import TrafficMeter

METER = TrafficMeter()


def measure(
    storage: Storage, model_id: str, names: Sequence[str], since: int | None, until: int | None
) -> Metrics:
    """Return traffic, confidence, latency and errors of a window.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        The model.
    names : sequence of str
        The streams of its versions.
    since, until : int or None
        Bounds of event_time, microseconds, both inclusive.

    Returns
    -------
    Metrics
        Count 0 and None where there are no events.
    """
    whole, versions = Tally.empty(METER), {}
    for name in names:
        tally = summaries.total(METER, _parts(storage, name, since, until))
        count = int(tally.counts[traffic.ROWS])
        if count:
            versions[name.rpartition("@")[2]] = count
            whole.add(tally)
    return to_metrics(model_id, whole, versions)


def over_time(
    storage: Storage, model_id: str, names: Sequence[str], since: int | None, length: int
) -> tuple[Metrics, ...]:
    """Return the metrics of each stretch of time.

    Parameters
    ----------
    storage : Storage
        The workspace.
    model_id : str
        The model.
    names : sequence of str
        The streams of its versions.
    since : int or None
        From the beginning of this hour on, microseconds.
    length : int
        Hours of a stretch, from 1970 UTC on.

    Returns
    -------
    tuple of Metrics
        Oldest first; only those with events.
    """
    begin = summaries.NEVER if since is None else since // MICROSECONDS_OF_AN_HOUR
    found: dict[int, tuple[Tally, dict[str, int]]] = {}
    for name in names:
        by_day = length % HOURS_OF_A_DAY == 0
        parts = summaries.collect(storage, name, [METER], begin, by_day=by_day)[0]
        for start, tally in summaries.by_length(METER, parts, length).items():
            whole, versions = found.setdefault(start, (Tally.empty(METER), {}))
            versions[name.rpartition("@")[2]] = int(tally.counts[traffic.ROWS])
            whole.add(tally)
    return tuple(to_metrics(model_id, *found[start]) for start in sorted(found))


def _parts(storage: Storage, name: str, since: int | None, until: int | None) -> list[Hours]:
    hour = MICROSECONDS_OF_AN_HOUR
    begin = summaries.NEVER if since is None else -(-since // hour)
    end = summaries.FOREVER if until is None else (until + 1) // hour
    if begin >= end:
        return [_read(storage, name, since, until)]
    parts = summaries.collect(storage, name, [METER], begin, end, by_day=True)[0]
    if since is not None and since % hour:
        parts.append(_read(storage, name, since, begin * hour - 1))
    if until is not None and (until + 1) % hour:
        parts.append(_read(storage, name, end * hour, until))
    return parts


def _read(storage: Storage, name: str, since: int | None, until: int | None) -> Hours:
    return by_hour(METER, storage.log.read("event", name, Span(since=since, until=until)))


def to_metrics(model_id: str, tally: Tally, versions: dict[str, int]) -> Metrics:
    """Return what a tally of traffic says."""
    count = int(tally.counts[traffic.ROWS])
    latency = traffic.sketch_of(tally, traffic.LATENCY)
    mean_latency = traffic.mean(tally, traffic.LATENCY_SUM, traffic.TIMED)
    return Metrics(
        model_id=model_id,
        count=count,
        avg_confidence=traffic.mean(tally, traffic.CONFIDENCE_SUM, traffic.SURE),
        avg_latency_ms=None if mean_latency is None else mean_latency * 1000,
        p50_latency_ms=sketch.percentile(latency, 0.50),
        p95_latency_ms=sketch.percentile(latency, 0.95),
        p99_latency_ms=sketch.percentile(latency, 0.99),
        error_rate=int(tally.counts[traffic.FAILED]) / count if count else None,
        first=tally.first,
        last=tally.last,
        versions=versions,
        predictions=dict(tally.names.get("prediction", Counter()).most_common()),
    )
