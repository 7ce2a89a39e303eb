"""Which days alert: ours, and an index of 0.2 in each day by itself."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from mlops_magics import tables
from mlops_magics.model.baseline import Baseline
from mlops_magics.monitoring import MonitoringBackend, alerts, closing, judging
from mlops_magics.monitoring.events import Batch
from mlops_magics.monitoring.story import Judged
from mlops_magics.statistics import drift as statistics
from mlops_magics.storage import Storage
from mlops_magics.storage.clock import Clock
from mlops_magics.tables.table import Column

DAY = 86_400_000_000


def ours(training, later, columns):
    """Return (column, day on which its alert opened) of every alert."""
    baseline = Baseline.fit(tables.read_table(training[list(columns)], "training"), None)
    with tempfile.TemporaryDirectory() as folder:
        storage = Storage(Path(folder) / ".mlops", AtTheEnd())
        batch = Batch(
            prediction=Column("number", np.zeros(len(later)), np.zeros(len(later), bool)),
            features=tables.read_table(later[list(columns)], "later"),
            keys=[{}] * len(later),
            event_time=later["event_time"].to_numpy(),
            latency_ms=1.0,
        )
        MonitoringBackend(storage).record_batch("late", "v1", batch, baseline)
        judging.judge_events(storage, Judged(model_id="late", version="v1", baseline=baseline))
        found = [a for a in alerts.read(storage, "late") if a.opened_at is not None]
        storage.close()
    return sorted((a.subject, date(a.opened_at - 1), a.said) for a in found)


class AtTheEnd(Clock):
    """A clock that stands behind the year."""

    def now(self):
        return pd.Timestamp("2014-02-01").value // 1000


def date(moment):
    return pd.Timestamp(moment, unit="us").normalize()


def fixed(training, later, columns, limit):
    """Return (column, day) of every window in which its index is above a limit."""
    baseline = Baseline.fit(tables.read_table(training[list(columns)], "training"), None)
    day = (later["event_time"] // DAY).to_numpy()
    counts = dict(zip(*map(np.ndarray.tolist, np.unique(day, return_counts=True)), strict=True))
    read = tables.read_table(later[list(columns)], "later")
    found = []
    for window in closing.closed(counts, int(day.max()) + 2):
        inside = np.flatnonzero((day >= window.begin) & (day < window.end))
        for name in columns:
            own = baseline.features[name]
            column = read.columns[name]
            part = Column(column.kind, column.values[inside], column.missing[inside])
            counted = own.count(part)
            bins = [own.merge(cells, 10) for cells in (own.counts, counted.cells)]
            psi = statistics.compare(*bins, own.missing, counted.missing).psi
            if psi is not None and psi > limit:
                found.append((name, date(window.end * DAY - 1), f"index {psi:.2f}"))
    return found


def runs(found, clean=2):
    """Return only the first window of each run: an alert is said once."""
    kept, last = [], {}
    for name, day, said in sorted(found, key=lambda entry: entry[1]):
        if name not in last or (day - last[name]).days > 2 * clean:
            kept.append((name, day, said))
        last[name] = day
    return kept
