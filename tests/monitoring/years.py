"""Simulated years of a model in use: what alerts open, and when."""

import numpy as np
import pandas as pd

from mlops_magics.model.baseline import Baseline
from mlops_magics.monitoring import MonitoringBackend, judging, worse
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


def answered(backend, seed, times, values, baseline=None):
    """Record predictions of these rows; return their ids and how likely the second class is."""
    known, share = answers(np.random.default_rng(seed), len(times))
    batch = Batch(
        prediction=known,
        features=table(values),
        keys=[{}] * len(times),
        event_time=times,
        latency_ms=1.0,
        confidence=np.maximum(share, 1 - share),
        probabilities=np.stack([1 - share, share], axis=1),
        classes=("no", "yes"),
    )
    return backend.record_batch("churn", "v1", batch, baseline), share


def simulate(folder, seed, windows=52, rows=200, training=2000, change=None):
    """Return the alerts of windows of a day each.

    `change` takes values, their windows and a generator, and changes the values.
    """
    chance = np.random.default_rng(seed)
    known, sure = answers(chance, training)
    baseline = Baseline.fit(table(columns(chance, training)), known, np.maximum(sure, 1 - sure))
    storage = Storage(folder, StandingClock(START + windows * DAY))
    backend = MonitoringBackend(storage)
    count = rows * windows
    values = columns(chance, count)
    if change is not None:
        change(values, np.arange(count) // rows, chance)
    times = START + np.arange(count) * (DAY // rows)
    answered(backend, seed + 10_000, times, values, baseline)
    judging.judge_events(storage, Judged(model_id="churn", version="v1", baseline=baseline))
    found = backend.alerts("churn")
    storage.close()
    return found


def simulate_labels(folder, seed, weeks=52, rows=200, wrong_from=None, wrong=0.0):
    """Return the alerts of weeks whose labels come two weeks late; some are wrong from one on."""
    monday = START + 4 * DAY
    storage = Storage(folder, StandingClock(monday + (weeks + 3) * 7 * DAY))
    backend = MonitoringBackend(storage)
    count = rows * weeks
    times = monday + np.arange(count) * (7 * DAY // rows)
    ids, share = answered(backend, seed, times, {"x": np.zeros(count)})
    chance = np.random.default_rng(seed + 20_000)
    truth = chance.random(count) < share
    if wrong_from is not None:
        turned = (np.arange(count) // rows >= wrong_from) & (chance.random(count) < wrong)
        truth ^= turned
    labels = {
        "request_id": ids,
        "y": np.where(truth, "yes", "no").tolist(),
        "known": pd.to_datetime(times + 14 * DAY, unit="us", utc=True),
    }
    backend.record_labels("churn", labels, "y", time="known")
    # what such probabilities promise, known as well as from 1,000 held-out rows
    held = answers(chance, 1000)[1]
    truth = chance.random(1000) < held
    losses = -np.log(np.where(truth, held, 1 - held))
    approved = float(losses.mean()), float(losses.std() / 1000**0.5)
    judged = Judged(model_id="churn", version="v1", baseline=None, approved=approved)
    judging.judge_events(storage, judged)
    worse.judge_labels(storage, judged)
    found = [alert for alert in backend.alerts("churn") if alert.kind == "performance"]
    storage.close()
    return found


def window_of(moment):
    """Return the number of the window that ends at a moment."""
    return (moment - START) // DAY - 1


def week_of(moment):
    """Return the number of the week that ends at a moment."""
    return (moment - START - 4 * DAY) // (7 * DAY) - 1
