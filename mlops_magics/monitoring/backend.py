"""MonitoringBackend: what was predicted, how it compares, how good it was.

Events are appended in the transaction that acknowledges them; figures are
computed from them. A baseline and the metrics of training are handed in.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from mlops_magics import tables
from mlops_magics.model.baseline import Baseline
from mlops_magics.storage import Storage
from mlops_magics.storage.rows import Span
from mlops_magics.tables.table import Value

from . import (
    alerts,
    baselines,
    comparison,
    events,
    labels,
    metrics,
    performance,
    retraining,
    rules,
)
from .alert import Alert, Rule
from .baselines import KeptBaseline
from .columns import ColumnMeter
from .comparison import Comparison
from .events import Batch
from .labels import Labels
from .performance import Reference
from .reports import DriftReport, Event, LabelWrite, Metrics, Performance
from .retraining import RetrainingRequest


class MonitoringBackend:
    """Events of models, and what they say.

    Parameters
    ----------
    storage : Storage, optional
        Where events are; a temporary folder by default.

    Examples
    --------
    >>> monitoring = MonitoringBackend()
    >>> event = Event(model_id="churn", prediction="no", confidence=0.9, latency_ms=1.5)
    >>> len(monitoring.record_inference(event))
    32
    >>> monitoring.get_metrics("churn").avg_confidence
    0.9
    """

    def __init__(self, storage: Storage | None = None) -> None:
        self._storage = storage or Storage(Path(tempfile.mkdtemp(prefix="mlops_")) / ".mlops")
        self.callbacks: list[Callable[[Alert], object]] = []

    def record_inference(self, event: Event) -> str:
        """Record one prediction, also of a model made elsewhere.

        Parameters
        ----------
        event : Event
            What happened.

        Returns
        -------
        str
            Its request id; when this returns it survives a kill.
        """
        return events.write_one(self._storage, event)

    def record_batch(
        self, model_id: str, version: str, batch: Batch, baseline: Baseline | None = None
    ) -> list[str]:
        """Record many predictions of one version in one transaction.

        Parameters
        ----------
        model_id, version : str
            What answered.
        batch : Batch
            The predictions.
        baseline : Baseline, optional
            Of the version: many events are counted in its cells at once.

        Returns
        -------
        list of str
            Their request ids, in order.
        """
        columns = () if baseline is None else (ColumnMeter(baseline),)
        return events.write(self._storage, model_id, version, batch, (metrics.METER, *columns))

    def query_events(
        self,
        model_id: str | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int | None = None,
        version: str | None = None,
    ) -> tuple[Event, ...]:
        """Return events, newest first.

        Parameters
        ----------
        model_id : str, optional
            All models by default.
        start_time, end_time : int, optional
            Bounds of event_time, microseconds, both inclusive.
        limit : int, optional
            At most so many.
        version : str, optional
            Only of this version.

        Returns
        -------
        tuple of Event
            Newest first.
        """
        span = Span(since=start_time, until=end_time, limit=limit)
        found: list[tuple[int, int, Event]] = []
        for name, rows in events.read(self._storage, model_id, span, version):
            made = events.to_events(name, rows)
            keyed = zip(rows.event_time.tolist(), rows.seq.tolist(), made, strict=True)
            found += [entry for entry in keyed if version in (None, entry[2].version)]
        found.sort(key=lambda entry: entry[:2], reverse=True)
        return tuple(event for _, _, event in found[:limit])

    def find_event(self, model_id: str, request_id: str) -> Event | None:
        """Return the event of a request id.

        Parameters
        ----------
        model_id, request_id : str
            The prediction.

        Returns
        -------
        Event or None
            None if it was not recorded.
        """
        for name, rows in events.read(self._storage, model_id, Span(ids=(request_id,))):
            for event in events.to_events(name, rows):
                return event
        return None

    def count(self, model_id: str | None = None) -> int:
        """Return how many events there are."""
        names = events.streams(self._storage, model_id)
        return sum(self._storage.log.count("event", name) for name in names)

    def newest(self, model_id: str) -> int | None:
        """Return the newest event_time of a model, microseconds; None without events.

        An event that is dated more than a day ahead of the clock is passed over where
        there are others: a clock that is wrong must not empty the page.
        """
        ahead = self._storage.clock.now() + comparison.DAY
        for until in (ahead, None):
            found = events.read(self._storage, model_id, Span(until=until, limit=1, only=()))
            times = [int(rows.event_time[0]) for _, rows in found if len(rows)]
            if times:
                return max(times)
        return None

    def get_metrics(
        self,
        model_id: str,
        since: int | None = None,
        until: int | None = None,
        version: str | None = None,
    ) -> Metrics:
        """Return traffic, confidence, latency and errors.

        Parameters
        ----------
        model_id : str
            The model.
        since, until : int, optional
            Bounds of event_time, microseconds, both inclusive.
        version : str, optional
            Only of this version.

        Returns
        -------
        Metrics
            Count 0 and None where there are no events. Percentiles are within 1 %.
        """
        names = events.streams(self._storage, model_id, version)
        return metrics.measure(self._storage, model_id, names, since, until)

    def metrics_over_time(
        self, model_id: str, hours: int = 24, since: int | None = None, version: str | None = None
    ) -> tuple[Metrics, ...]:
        """Return the metrics of each hour, day or other stretch of whole hours.

        Parameters
        ----------
        model_id : str
            The model.
        hours : int, default=24
            Length of a stretch; they begin with 1970 UTC, so 24 are UTC days.
        since : int, optional
            From the beginning of this hour on, microseconds.
        version : str, optional
            Only of this version.

        Returns
        -------
        tuple of Metrics
            Oldest first; only stretches with events.
        """
        names = events.streams(self._storage, model_id, version)
        return metrics.over_time(self._storage, model_id, names, since, hours)

    def drift(
        self,
        model_id: str,
        version: str,
        baseline: Baseline,
        since: int | None = None,
        how: Comparison | None = None,
    ) -> DriftReport:
        """Compare the events of a window with a baseline.

        Parameters
        ----------
        model_id, version : str
            The version that answered.
        baseline : Baseline
            What its training saw, or another one that is named.
        since : int, optional
            From the beginning of this hour on, microseconds; all events by default.
        how : Comparison, optional
            Importance of features, slices, and how the baseline is called.

        Returns
        -------
        DriftReport
            What moved and matters most first.
        """
        version_of = (model_id, version)
        return comparison.compare(self._storage, version_of, baseline, since, how or Comparison())

    def keep_baseline(self, model_id: str, baseline: Baseline) -> None:
        """Keep a baseline that was learned from a table; the newest of a model counts.

        Parameters
        ----------
        model_id : str
            The model, also one made elsewhere.
        baseline : Baseline
            As it was learned.
        """
        baselines.keep(self._storage, model_id, baseline)

    def kept_baseline(self, model_id: str) -> KeptBaseline | None:
        """Return the newest baseline that was learned from a table; None without one."""
        return baselines.newest(self._storage, model_id)

    def record_labels(
        self,
        model_id: str,
        table: object,
        label: str,
        key: tuple[str, ...] = (),
        time: str | None = None,
    ) -> LabelWrite:
        """Record outcomes that became known later.

        Parameters
        ----------
        model_id : str
            Whose predictions they belong to.
        table : Table, pandas.DataFrame, list of dict or dict of sequences
            One row a label.
        label : str
            The column of the outcome.
        key : tuple of str, default=()
            Columns that name the entity; by `request_id` by default.
        time : str, optional
            The column that says when the outcome became known; now by default.

        Returns
        -------
        LabelWrite
            How many belong to a prediction.
        """
        read = tables.read_table(table, "the labels")
        wanted = Labels(table=read, label=label, key=key, time=time)
        return labels.record(self._storage, model_id, wanted)

    def label(self, model_id: str, request_id: str) -> Value:
        """Return the newest label of a prediction.

        Parameters
        ----------
        model_id, request_id : str
            The prediction.

        Returns
        -------
        value or None
            None while no label has arrived.
        """
        return labels.label_of(self._storage, model_id, request_id)

    def performance(
        self, model_id: str, version: str, reference: Reference, since: int | None = None
    ) -> Performance | None:
        """Measure a version on labels that have come, and estimate it on all predictions.

        Parameters
        ----------
        model_id, version : str
            The version that answered.
        reference : Reference
            What training promised.
        since : int, optional
            From the beginning of this hour on, microseconds.

        Returns
        -------
        Performance or None
            Overall and by month, week or day; None where there is neither a label nor
            a probability.
        """
        return performance.measure(self._storage, model_id, version, reference, since)

    def alerts(self, model_id: str | None = None, state: str | None = None) -> tuple[Alert, ...]:
        """Return alerts as they are now.

        Parameters
        ----------
        model_id : str, optional
            Of one model; of all by default.
        state : str, optional
            watch, open or closed; all by default.

        Returns
        -------
        tuple of Alert
            The newest first.
        """
        return alerts.read(self._storage, model_id, state)

    def rules(self, model_id: str) -> tuple[Rule, ...]:
        """Return the limits that a user set for a model."""
        return rules.rules(self._storage, model_id)

    def on_alert(self, callback: Callable[[Alert], object]) -> None:
        """Call a function, in this process, with every alert that opens, worsens or closes.

        Parameters
        ----------
        callback : callable
            Takes an Alert. What it raises is raised by the check, after everything is
            recorded.
        """
        self.callbacks.append(callback)

    def retraining(
        self, model_id: str | None = None, state: str | None = None
    ) -> tuple[RetrainingRequest, ...]:
        """Return requests to retrain, as they now are.

        Parameters
        ----------
        model_id : str, optional
            Of this model; of all by default.
        state : str, optional
            Only those in this state, such as waiting.

        Returns
        -------
        tuple of RetrainingRequest
            The newest first.
        """
        return retraining.requests(self._storage, model_id, state)
