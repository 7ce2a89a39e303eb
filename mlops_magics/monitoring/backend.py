"""MonitoringBackend: what was predicted, how it compares, how good it was.

Events are appended in the transaction that acknowledges them; figures are
computed from them. A baseline and the metrics of training are handed in.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mlops_magics import tables
from mlops_magics.model.baseline import Baseline
from mlops_magics.storage import Storage
from mlops_magics.storage.rows import Rows, Span, concatenate
from mlops_magics.tables.table import Column, Table, Value

from . import drift, events, labels
from .events import Batch
from .labels import Labels
from .performance import measure_labelled
from .reports import DriftReport, Event, LabelWrite, Metrics, Performance

# Drift is looked at over the newest events until there are windows.
EVENTS_COMPARED = 1000


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

    def record_batch(self, model_id: str, version: str, batch: Batch) -> list[str]:
        """Record many predictions of one version in one transaction.

        Parameters
        ----------
        model_id, version : str
            What answered.
        batch : Batch
            The predictions.

        Returns
        -------
        list of str
            Their request ids, in order.
        """
        return events.write(self._storage, model_id, version, batch)

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
        for name, rows in events.read(self._storage, model_id, span):
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
        first, last = ("", "\U0010ffff") if model_id is None else (f"{model_id}@", f"{model_id}A")
        names = self._storage.log.streams("event", first, last)
        return sum(self._storage.log.count("event", name) for name in names)

    def newest(self, model_id: str) -> int | None:
        """Return the newest event_time of a model, microseconds; None without events."""
        found = events.read(self._storage, model_id, Span(limit=1, only=()))
        return max((int(rows.event_time[0]) for _, rows in found if len(rows)), default=None)

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
            Count 0 and None where there are no events.
        """
        columns = ("prediction", "value", "confidence", "latency_ms", "error")
        span = Span(since=since, until=until, only=columns)
        found = [
            (name, part)
            for name, part in events.read(self._storage, model_id, span)
            if len(part) and (version is None or name == f"{model_id}@{version}")
        ]
        rows = concatenate([r for _, r in found])
        latency = _present(rows.table, "latency_ms")
        percentiles = [None, None, None]
        if len(latency):
            percentiles = np.percentile(latency, [50, 95, 99]).tolist()
        failed = len(_texts(rows.table, "error"))
        is_number = len(_present(rows.table, "value")) > 0
        answers = [] if is_number else _texts(rows.table, "prediction")
        return Metrics(
            model_id=model_id,
            count=len(rows),
            avg_confidence=_mean(_present(rows.table, "confidence")),
            avg_latency_ms=_mean(latency),
            p50_latency_ms=percentiles[0],
            p95_latency_ms=percentiles[1],
            p99_latency_ms=percentiles[2],
            error_rate=failed / len(rows) if len(rows) else None,
            first=int(rows.event_time.min()) if len(rows) else None,
            last=int(rows.event_time.max()) if len(rows) else None,
            versions={name.rpartition("@")[2]: len(part) for name, part in found},
            predictions=dict(Counter(answers).most_common()),
        )

    def drift(
        self, model_id: str, version: str, baseline: Baseline, since: int | None = None
    ) -> DriftReport:
        """Compare the newest events of a version with its training.

        Parameters
        ----------
        model_id, version : str
            The version that answered.
        baseline : Baseline
            What its training saw.
        since : int, optional
            Only events from then on, microseconds.

        Returns
        -------
        DriftReport
            Over at most the newest 1,000 events.
        """
        span = Span(since=since, limit=EVENTS_COMPARED)
        rows = self._storage.log.read("event", events.stream(model_id, version), span)
        width = len(events.FEATURE)
        features = {
            name[width:]: column
            for name, column in rows.table.columns.items()
            if name.startswith(events.FEATURE)
        }
        answered = _answers(rows) if len(rows) else None
        confidence = rows.table.columns.get("confidence")
        found = drift.compare_columns(baseline, features, answered, confidence)
        return DriftReport(
            model_id=model_id,
            version=version,
            count=len(rows),
            first=int(rows.event_time.min()) if len(rows) else None,
            last=int(rows.event_time.max()) if len(rows) else None,
            columns=found,
        )

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
        return labels.label_of(self._storage, model_id).get(request_id)

    def performance(
        self,
        model_id: str,
        version: str,
        reference: Mapping[str, float | None],
        since: int | None = None,
    ) -> Performance | None:
        """Measure a version on the predictions whose labels have arrived.

        Parameters
        ----------
        model_id, version : str
            The version that answered.
        reference : mapping of str to float or None
            Its metrics on held-out rows, to be shown beside.
        since : int, optional
            Only predictions from then on, microseconds.

        Returns
        -------
        Performance or None
            Overall and by calendar month; None before any label.
        """
        rows = self._storage.log.read("event", events.stream(model_id, version), Span(since=since))
        known = labels.label_of(self._storage, model_id)
        if not any(request_id in known for request_id in rows.ids):
            return None
        overall, windows = measure_labelled(rows, known)
        return Performance(
            model_id=model_id,
            version=version,
            overall=overall,
            windows=windows,
            reference=reference,
        )


def _present(table: Table, name: str) -> NDArray[np.float64]:
    if name not in table:
        return np.zeros(0)
    column = table.columns[name]
    return column.values[~column.missing].astype(np.float64)


def _texts(table: Table, name: str) -> list[str]:
    if name not in table:
        return []
    column = table.columns[name]
    texts: list[str] = column.values[~column.missing].tolist()
    return [text.strip('"') for text in texts]


def _mean(values: NDArray[np.float64]) -> float | None:
    return float(values.mean()) if len(values) else None


def _answers(rows: Rows) -> Column:
    """Return what was answered as the baseline has it: numbers, or the texts of classes."""
    if "value" in rows.table and not rows.table.columns["value"].missing.all():
        return rows.table.columns["value"]
    column = rows.table.column("prediction")
    texts = [str(json.loads(text)) for text in column.values.tolist()]
    return Column("category", np.array([*texts, None], dtype=object)[:-1], column.missing)
