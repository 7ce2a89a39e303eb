"""Simulated years of a model in use: what alerts open, and when."""

import numpy as np

from mlops_magics.model.baseline import Baseline
from mlops_magics.monitoring import MonitoringBackend, judging
from mlops_magics.monitoring.events import Batch
from mlops_magics.monitoring.story import Judged
from mlops_magics.storage import Storage
from mlops_magics.storage.clock import Clock
from mlops_magics.tables.table import Column, Table

START = 1_767_225_600_000_000  # 2026-01-01 00:00 UTC
DAY = 86_400_000_000
NUMBERS, CATEGORIES = 13, 5
LEVELS = np.array([f"level {n}" for n in range(8)], object)
SHARES = np.array([0.3, 0.2, 0.15, 0.12, 0.1, 0.07, 0.04, 0.02])


class StandingClock(Clock):
    """A clock that stands behind the last window."""

    def __init__(self, time):
        super().__init__()
        self.time = time

    def now(self):
        return self.time


def columns(chance, rows):
    """Return the values of 18 features: normal, skewed and tied numbers, and categories."""
    found = {}
    for place in range(NUMBERS):
        values = chance.normal(size=rows)
        if place % 3 == 1:
            values = np.exp(values)
        if place % 3 == 2:
            values = np.round(values * 3)
        found[f"x{place}"] = values
    for place in range(CATEGORIES):
        found[f"c{place}"] = LEVELS[chance.choice(len(LEVELS), rows, p=SHARES)]
    return found


def table(values):
    """Return values as a table; NaN is missing."""
    made = {}
    for name, array in values.items():
        is_text = array.dtype == object
        missing = np.zeros(len(array), bool) if is_text else np.isnan(array)
        made[name] = Column("category" if is_text else "number", array, missing)
    return Table.of(made)


def answers(chance, rows):
    """Return classes and the probability of the second one."""
    share = chance.beta(2, 3, rows)
    answered = np.where(share > 0.5, "yes", "no").astype(object)
    return Column("category", answered, np.zeros(rows, bool)), share


def simulate(folder, seed, windows=52, rows=200, training=2000, change=None, stops=None):
    """Return the alerts of windows of a day each, and where they are stored.

    `change` takes values, their windows and a generator, and changes the values.
    """
    chance = np.random.default_rng(seed)
    known, sure = answers(chance, training)
    baseline = Baseline.fit(table(columns(chance, training)), known, np.maximum(sure, 1 - sure))
    clock = StandingClock(START + windows * DAY)
    storage = Storage(folder, clock)
    backend = MonitoringBackend(storage)
    count = rows * windows
    times = START + np.arange(count) * (DAY // rows)
    values = columns(chance, count)
    if change is not None:
        change(values, np.arange(count) // rows, chance)
    answered, share = answers(chance, count)
    batch = Batch(
        prediction=answered,
        features=table(values),
        keys=[{}] * count,
        event_time=times,
        latency_ms=1.0,
        confidence=np.maximum(share, 1 - share),
    )
    backend.record_batch("churn", "v1", batch, baseline)
    judged = Judged(model_id="churn", version="v1", baseline=baseline)
    judging.judge_events(storage, judged)
    found = backend.alerts("churn")
    storage.close()
    return found


def window_of(moment):
    """Return the number of the window that ends at a moment."""
    return (moment - START) // DAY - 1
