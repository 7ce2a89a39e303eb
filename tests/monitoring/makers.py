"""What the tests of monitoring are made of: a model's baseline, and events like its training."""

import numpy as np

from mlops_magics.model.baseline import Baseline
from mlops_magics.monitoring.events import Batch
from mlops_magics.tables.table import Column, Table

HOUR = 3_600_000_000
START = 1_767_225_600_000_000  # 2026-01-01 00:00 UTC
PLANS = np.array(["basic", "family", "pro"], object)


def features(rows, seed=0, **changed):
    """Return a table of age, spend, plan and paid; `changed` replaces columns' values."""
    generator = np.random.default_rng(seed)
    age = generator.normal(40, 10, rows)
    values = {
        "age": age,
        "spend": np.exp(age / 20 + generator.normal(0, 0.5, rows)),
        "plan": PLANS[generator.choice(3, rows, p=[0.5, 0.3, 0.2])],
        "paid": generator.random(rows) < 0.7,
    }
    values |= {name: np.asarray(value) for name, value in changed.items()}
    return Table.of({name: column(value) for name, value in values.items()})


def column(values):
    """Return an array as a column, NaN and None as missing."""
    if values.dtype == object:
        missing = np.array([value is None for value in values], bool)
        return Column("category", np.where(missing, "", values), missing)
    if values.dtype == bool:
        return Column("boolean", values, np.zeros(len(values), bool))
    values = values.astype(np.float64)
    return Column("number", values, np.isnan(values))


def answers(rows, seed=0):
    """Return a class for each row, and the probability of the second one."""
    share = np.random.default_rng(seed + 1000).beta(2, 3, rows)
    return Column(
        "category", np.where(share > 0.5, "yes", "no").astype(object), np.zeros(rows, bool)
    ), share


def baseline(rows=2000, seed=99, **changed):
    """Return the baseline of a training sample."""
    answered, share = answers(rows, seed)
    return Baseline.fit(features(rows, seed, **changed), answered, np.maximum(share, 1 - share))


def batch(rows, seed=0, times=None, **changed):
    """Return predictions of such rows, an hour apart unless their times are given."""
    answered, share = answers(rows, seed)
    if times is None:
        times = START + HOUR * np.arange(rows)
    return Batch(
        prediction=answered,
        features=features(rows, seed, **changed),
        keys=[{"customer": int(number)} for number in range(rows)],
        event_time=np.asarray(times, np.int64),
        latency_ms=2.0,
        confidence=np.maximum(share, 1 - share),
        probabilities=np.stack([1 - share, share], axis=1),
        classes=("no", "yes"),
    )
